/**
 * Every screen and state of the desk, and how one comes there.
 *
 * A screen names who sees it and how they come to it; `leave` undoes what others would notice. A new page
 * of the desk gets its line here, and with it is checked, walked and pictured in every appearance.
 */
import { writeFile } from 'node:fs/promises';
import { PASSPHRASE, PEOPLE, TEAM } from './town.js';

/** Texts of the conversation that the screens show. */
export const SAID = {
  first: 'Vanne fermée rue des Lilas, jusqu’à nouvel ordre.',
  answer: 'Vu. J’y passe à 14 h avec la pompe.',
  long: 'Le regard est plein d’eau : il faut pomper avant d’ouvrir. https://vaux.example/interventions/2026/11/rue-des-lilas?plan=assainissement 🚧',
  foreign: 'مغلق حتى الغد — merci 👷🏽‍♀️',
  announcement: 'Route de Vaux barrée lundi.\nDéviation par Saint-Œuf.',
  urgent: 'Arbre tombé sur la ligne, route de Vaux.',
  reason: 'Sécurité des personnes.',
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
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  await town.run('admin', 'admin', 'shifts', await shifts(town));
  await closeHours(town);
  await town.run('lea', 'threads', '--sync', '2');
  const terms = ['--urgent', '--basis', 'protection', '--reason', SAID.reason, '--until', '12:00'];
  await town.run('lea', 'write', thread, SAID.urgent, ...terms);
}

/** A day from now, as `2026-03-09`. */
const day = (offset) => new Date(Date.now() + offset * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** From yesterday until after tomorrow Amine is on call; the file. */
async function shifts(town) {
  const file = town.folder('shifts.csv');
  const line = `${PEOPLE.amine.agent},${day(-1)} 00:00,${day(3)} 00:00,astreinte,${TEAM},1`;
  await writeFile(file, `agent,début,fin,type,équipe,rang\n${line}\n`);
  return file;
}

/** Chloé is off duty but for a minute of the week, by two administrators; other hours stay proposed for all. */
async function closeHours(town) {
  const [{ ticket }] = await town.run('admin', 'admin', 'add-administrator', '8', 'Inès Petit', '--serial', 'S8');
  await town.run('ines', 'enrol', ticket);
  await town.run('admin', 'admin', 'approve', '--yes');
  const hours = (week, ...scope) => town.run('admin', 'admin', 'hours', week, '--profile', 'interior-2002-1278', ...scope);
  const [{ proposal }] = await hours('dim 03:00-03:01', '--agent', String(PEOPLE.chloe.agent));
  await town.run('ines', 'policy', 'approve', String(proposal), '--yes');
  await hours('lun-dim 00:00-23:59');
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
  await person.page.getByRole('listitem').filter({ hasText: text }).filter({ has: more }).first()
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

/** Declaring an urgency in the team's conversation. */
async function declaring(person) {
  await conversation(person);
  await person.open(`${new URL(person.page.url()).pathname}/urgent`);
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
  rules: { who: 'amine', come: at('/me/rules') },
  notices: { who: 'amine', come: at('/me/notices') },
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
  statistics: { who: 'lea', come: at('/me/statistics') },
  urgent: { who: 'lea', come: declaring },
  'urgent-preview': {
    who: 'lea',
    come: async (person) => {
      await declaring(person);
      await person.paste(person.say('web-message'), SAID.urgent);
      await person.page.getByRole('radio').first().check();
      await person.paste(person.say('web-urgent-reason'), SAID.reason);
      await person.page.getByLabel(person.say('web-urgent-until')).fill(`${day(1)}T12:00`);
      await person.click('button', person.say('web-urgent-check'));
      await person.find('button', person.say('web-urgent-send')).waitFor();
    },
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
