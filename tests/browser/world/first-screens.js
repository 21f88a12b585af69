/**
 * The screens of a first run, up to an organisation or an approval; what comes after needs an organisation of its
 * own and is looked at in first-run.test.js.
 */
import { askedWords, choosePassphrase, copySheet, giveTicket, sayOrganisation } from './beginner.js';
import { tickets } from './furnish.js';

/** An empty computer, whose pages ask for everything. */
const EMPTY = { who: 'newcomer', desk: { asks: true } };
const ORGANISATION = { name: 'Communauté de communes du Pays-des-Longues-Dénominations', administrator: 'Zoé Martin' };

/** At the first of its pages, with nothing said. */
async function anew(person) {
  await person.open('/begin');
  const again = person.find('button', person.say('web-begin-again'));
  if ((await again.count()) > 0) await again.click();
  await person.find('heading', person.say('web-begin')).waitFor();
}

async function join(person) {
  await anew(person);
  await person.open('/begin/join');
}

async function create(person) {
  await anew(person);
  await person.open('/begin/create');
}

async function sheet(person) {
  await create(person);
  await sayOrganisation(person, { ...ORGANISATION, ticket: tickets.first });
  await choosePassphrase(person, 'web-next');
  await person.find('heading', person.say('web-sheet')).waitFor();
}

async function check(person) {
  await sheet(person);
  await person.click('link', person.say('web-sheet-have'));
  await person.find('heading', person.say('web-check')).waitFor();
}

async function recover(person) {
  await anew(person);
  await person.open('/begin/recover');
}

/** On the page that waits, once it says what it has to. */
const waiting = (title) => async (person) => {
  await person.open('/waiting');
  await person.find('heading', person.say(title)).waitFor();
};

export const FIRST_SCREENS = {
  begin: { ...EMPTY, come: anew },
  'begin-join': { ...EMPTY, come: join },
  'begin-join-wrong': {
    ...EMPTY,
    come: async (person) => {
      await join(person);
      await giveTicket(person, tickets.first);
      await person.find('alert').waitFor();
    },
  },
  'begin-passphrase': {
    ...EMPTY,
    come: async (person) => {
      await join(person);
      await giveTicket(person, tickets.join);
      await choosePassphrase(person, 'web-join-now', ['court', 'court']);
      await person.find('alert').waitFor();
    },
  },
  'begin-create': { ...EMPTY, come: create },
  'begin-create-wrong': {
    ...EMPTY,
    come: async (person) => {
      await create(person);
      await sayOrganisation(person, { ...ORGANISATION, ticket: 'x', week: 'tous les matins' });
      await person.find('alert').first().waitFor();
    },
  },
  sheet: { ...EMPTY, come: sheet },
  'sheet-check': { ...EMPTY, come: check },
  'sheet-check-wrong': {
    ...EMPTY,
    come: async (person) => {
      await check(person);
      for (const { field } of await askedWords(person)) await field.fill('autruche');
      await person.click('button', person.say('web-check-now'));
      await person.find('alert').first().waitFor();
    },
  },
  'begin-recover': { ...EMPTY, come: recover },
  'begin-recover-wrong': {
    ...EMPTY,
    come: async (person) => {
      await recover(person);
      await copySheet(person, { words: 'abandon autruche', relay: tickets.join });
      await person.find('alert').first().waitFor();
    },
  },
  'begin-recover-passphrase': {
    ...EMPTY,
    come: async (person) => {
      await recover(person);
      await copySheet(person, { words: tickets.sheet.words.join(' '), relay: tickets.sheet.relay });
      await person.find('button', person.say('web-recover-now')).waitFor();
    },
  },
  waiting: { who: 'paul', come: waiting('web-waiting') },
  'waiting-refused': { who: 'refused', come: waiting('web-waiting-refused') },
};
