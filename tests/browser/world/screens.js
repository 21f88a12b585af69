/**
 * Every screen and state of the desk, and how one comes there.
 *
 * A screen names who sees it and how they come to it, and how that desk is started where it is not as usual;
 * `leave` undoes what others would notice. A new page
 * of the desk gets its line here, and with it is checked, walked and pictured in every appearance.
 */
import { FIRST_SCREENS } from './first-screens.js';
import { day, GATHERED, SAID } from './furnish.js';
import { moment } from './moments.js';
import { PASSPHRASE, PEOPLE, TEAM } from './town.js';

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

/** The administrator has weekly hours judged, and nothing proposed. */
async function judging(person, week) {
  await person.open('/admin/hours');
  await person.page.getByLabel(person.say('web-hours-week')).fill(week);
  await person.click('button', person.say('web-hours-look'));
  await person.page.locator('.verdict, .notice.refused').first().waitFor();
}

/** All screens by their name. */
export const SCREENS = {
  ...FIRST_SCREENS,
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
  'members-movable': {
    who: 'lea',
    come: async (person) => {
      await person.open('/conversations');
      await person.click('link', new RegExp(GATHERED));
      await person.find('textbox', person.say('web-message')).waitFor();
      await person.open(`${new URL(person.page.url()).pathname}/settings`);
    },
  },
  'search-found': { who: 'amine', come: at('/conversations/search?q=regard') },
  audit: { who: 'admin', come: at('/me/audit') },
  register: { who: 'amine', come: at('/me/register') },
  'search-nothing': { who: 'amine', come: at('/conversations/search?q=hippopotame') },
  'new-conversation': { who: 'amine', come: at('/conversations/new') },
  'new-conversation-several': { who: 'lea', come: at('/conversations/new') },
  notes: {
    who: 'amine',
    come: async (person) => {
      await conversation(person);
      await person.click('link', person.say('web-notes'));
      await person.find('link', new RegExp(SAID.note)).waitFor();
    },
  },
  note: {
    who: 'amine',
    come: async (person, desk) => {
      await SCREENS.notes.come(person, desk);
      await person.click('link', new RegExp(SAID.note));
      await person.page.waitForURL('**/notes/*');
    },
  },
  announcements: { who: 'amine', come: at('/announcements') },
  me: { who: 'amine', come: at('/me') },
  hours: { who: 'amine', come: at('/me/hours') },
  proof: { who: 'amine', come: at('/me/proof') },
  interventions: { who: 'amine', come: at('/me/interventions') },
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
      await person.page.getByLabel(person.say('web-urgent-until')).fill(moment(120));
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
  team: { who: 'lea', come: at('/team') },
  administration: { who: 'admin', come: at('/admin') },
  approvals: { who: 'admin', come: at('/admin/approvals') },
  devices: { who: 'admin', come: at('/admin/devices') },
  'devices-nothing': { who: 'admin', come: at('/admin/devices?q=hippopotame') },
  device: {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/devices');
      await person.page.locator('main a[href^="/admin/devices/"]').first().click();
      await person.page.waitForURL('**/admin/devices/*');
    },
  },
  tickets: { who: 'admin', come: at('/admin/tickets') },
  'tickets-made': {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/tickets');
      await person.page.getByRole('checkbox', { name: /S7/ }).check();
      await person.click('button', person.say('web-tickets-make'));
      await person.find('img').first().waitFor();
    },
  },
  'hours-editor': { who: 'admin', come: at('/admin/hours') },
  'hours-judged': { who: 'admin', come: (person) => judging(person, 'lun-ven 08:00-12:00 13:30-17:00') },
  'hours-refused': { who: 'admin', come: (person) => judging(person, 'lun-dim 06:00-23:00') },
  'hours-unreadable': { who: 'admin', come: (person) => judging(person, 'tous les matins') },
  shifts: { who: 'admin', come: at('/admin/shifts') },
  'shifts-looked-at': {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/shifts');
      const lines = [`3,${day(2)} 08:00,${day(2)} 12:00`, `99,${day(2)} 08:00,${day(2)} 12:00`];
      await person.page.locator('main textarea').fill(`agent,début,fin\n${lines.join('\n')}\n`);
      await person.click('button', person.say('web-import-look'));
      await person.find('table').first().waitFor();
    },
  },
  teams: { who: 'admin', come: at('/admin/teams') },
  'team-members': {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/teams');
      await person.click('link', new RegExp(TEAM));
      await person.page.waitForURL('**/admin/teams/*');
    },
  },
  absences: { who: 'admin', come: at('/admin/absences') },
  'absences-looked-at': {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/absences');
      await person.page.locator('#rest-agent').selectOption({ label: PEOPLE.chloe.name });
      await person.page.getByLabel(person.say('rest-began')).fill(`${day(0)}T01:00`);
      await person.page.getByLabel(person.say('rest-ended')).fill(`${day(0)}T03:30`);
      await person.click('button', person.say('rest-look'));
      await person.find('status').first().waitFor();
    },
  },
  departures: { who: 'admin', come: at('/admin/departures') },
  'departures-looked-at': {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/departures');
      await person.page.getByLabel(person.say('departures-who')).selectOption({ label: PEOPLE.lea.name });
      await person.click('button', person.say('departures-look'));
      await person.find('status').first().waitFor();
    },
  },
  derogations: { who: 'admin', come: at('/admin/derogations') },
  administrators: { who: 'admin', come: at('/admin/administrators') },
  recovered: { who: 'admin', come: at('/admin/recovered') },
  first: { who: 'admin', come: at('/admin/first') },
  rights: { who: 'admin', come: at('/admin/rights') },
  exceptions: { who: 'admin', come: at('/admin/exceptions') },
  import: { who: 'admin', come: at('/admin/import') },
  'import-looked-at': {
    who: 'admin',
    come: async (person) => {
      await person.open('/admin/import');
      await person.page.locator('main textarea').fill('agent,name,team\n7,Nour Haddad,Voirie nord\nx,Sans numéro,\n');
      await person.click('button', person.say('web-import-look'));
      await person.page.waitForLoadState();
    },
  },
};

async function unlock(person) {
  await person.page.getByLabel(person.say('web-passphrase')).fill(PASSPHRASE);
  await person.click('button', person.say('web-unlock'));
  await person.page.waitForURL('**/conversations');
}
