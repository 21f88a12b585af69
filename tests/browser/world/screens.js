/**
 * Every screen and state of the desk, and how one comes there.
 *
 * A screen names who sees it and how they come to it; `leave` undoes what others would notice. A new page
 * of the desk gets its line here, and with it is checked, walked and pictured in every appearance.
 */
import { PASSPHRASE, TEAM } from './town.js';

/** Texts of the conversation that the screens show. */
export const SAID = {
  first: 'Vanne fermée rue des Lilas, jusqu’à nouvel ordre.',
  answer: 'Vu. J’y passe à 14 h avec la pompe.',
  long: 'Le regard est plein d’eau : il faut pomper avant d’ouvrir. https://vaux.example/interventions/2026/11/rue-des-lilas?plan=assainissement 🚧',
  foreign: 'مغلق حتى الغد — merci 👷🏽‍♀️',
  announcement: 'Route de Vaux barrée lundi.\nDéviation par Saint-Œuf.',
};

/** Gives the organisation what the screens show. */
export async function furnish(town) {
  const thread = await town.thread();
  const { message } = await town.write('chloe', SAID.first);
  await town.run('amine', 'read', thread, '--sync', '2');
  await town.run('amine', 'reply', thread, SAID.answer, '--to', message);
  await town.write('amine', SAID.long);
  await town.run('chloe', 'read', thread, '--sync', '2');
  await town.run('chloe', 'edit', message, SAID.first.replace('.', ', merci.'));
  await town.run('chloe', 'react', message, '👍');
  await town.run('chloe', 'pin', message);
  await town.write('chloe', SAID.foreign);
  await town.run('lea', 'announce', SAID.announcement, '--to', TEAM, '--due', '23:59');
}

/** In the team's conversation. */
async function conversation(person) {
  await person.open('/conversations');
  await person.click('link', new RegExp(TEAM));
  await person.find('textbox', person.say('web-message')).waitFor();
}

/** On the page of a message, by the link under it. */
const message = (text) => async (person) => {
  await conversation(person);
  const more = person.page.getByRole('link', { name: person.say('web-more') });
  await person.page.getByRole('listitem').filter({ hasText: text }).filter({ has: more }).last()
    .getByRole('link', { name: person.say('web-more') }).click();
  await person.find('link', person.say('web-back-to-conversation')).waitFor();
};

/** At an address. */
const at = (path) => (person) => person.open(path);

async function announcing(person) {
  await person.open('/announcements');
  await person.click('link', person.say('web-announce'));
  await person.page.getByRole('checkbox').first().check();
  await person.paste(person.say('web-announcement-text'), SAID.announcement);
}

/** All screens by their name. */
export const SCREENS = {
  conversations: { who: 'amine', come: at('/conversations') },
  conversation: { who: 'amine', come: conversation },
  'conversation-reply': {
    who: 'amine',
    come: async (person) => {
      await conversation(person);
      await person.page.getByRole('link', { name: person.say('web-reply') }).first().click();
      await person.find('link', person.say('web-reply-cancel')).waitFor();
    },
  },
  'message-own': { who: 'amine', come: message(SAID.long.slice(0, 20)) },
  'message-edited': { who: 'amine', come: message(SAID.first.slice(0, 20)) },
  members: {
    who: 'amine',
    come: async (person) => {
      await conversation(person);
      await person.open(`${new URL(person.page.url()).pathname}/settings`);
    },
  },
  'search-found': { who: 'amine', come: at('/conversations/search?q=regard') },
  'search-nothing': { who: 'amine', come: at('/conversations/search?q=hippopotame') },
  'new-conversation': { who: 'amine', come: at('/conversations/new') },
  announcements: { who: 'amine', come: at('/announcements') },
  me: { who: 'amine', come: at('/me') },
  hours: { who: 'amine', come: at('/me/hours') },
  proof: { who: 'amine', come: at('/me/proof') },
  diagnosis: { who: 'amine', come: at('/me/diagnosis') },
  'not-there': { who: 'amine', come: at('/nowhere') },
  'not-let-in': {
    who: 'amine',
    come: async (person) => {
      await person.page.context().clearCookies();
      await person.open('/conversations');
    },
    leave: (person, desk) => desk.enter(person.page.context(), person.settings.language),
  },
  locked: {
    who: 'amine',
    come: async (person) => {
      await person.open('/conversations');
      await person.click('button', person.say('web-lock'));
      await person.page.waitForURL('**/unlock');
    },
    leave: unlock,
  },
  'locked-wrong': {
    who: 'amine',
    come: async (person) => {
      await person.open('/conversations');
      await person.click('button', person.say('web-lock'));
      await person.page.getByLabel(person.say('web-passphrase')).fill('une autre');
      await person.click('button', person.say('web-unlock'));
      await person.find('alert').waitFor();
    },
    leave: unlock,
  },
  'announcements-issued': { who: 'lea', come: at('/announcements') },
  'announcement-new': { who: 'lea', come: announcing },
  'announcement-preview': {
    who: 'lea',
    come: async (person) => {
      await announcing(person);
      await person.click('button', person.say('web-preview'));
      await person.find('button', person.say('web-announce-now')).waitFor();
    },
  },
  'announcement-progress': {
    who: 'lea',
    come: async (person) => {
      await person.open('/announcements');
      await person.page.locator('.announcement .foot').getByRole('link').first().click();
      await person.find('table').waitFor();
    },
  },
};

async function unlock(person) {
  await person.page.getByLabel(person.say('web-passphrase')).fill(PASSPHRASE);
  await person.click('button', person.say('web-unlock'));
  await person.page.waitForURL('**/conversations');
}
