/**
 * One town for the tests of a file, and what people do in many of them, by clicking and typing.
 */
import { after, before } from 'node:test';
import { closeBrowser } from './browser.js';
import { TEAM, Town } from './town.js';

/** Builds a town before the tests of a file and strikes it after them; `begin` is given it, to set the scene. */
export function inTown(begin) {
  let town;
  before(async () => {
    town = await Town.build();
    await begin(town);
  });
  after(async () => {
    await closeBrowser();
    await town?.strike();
  });
}

/** Opens the team's conversation. */
export async function inTeam(person) {
  await person.open('/conversations');
  await person.click('link', new RegExp(TEAM));
  await person.find('textbox', person.say('web-message')).waitFor();
}

/** Writes a message in the conversation that is open, and sends it. */
export async function send(person, text) {
  await person.write(person.say('web-message'), text);
  await person.click('button', person.say('web-send'));
}

/** What a message says of itself, by the sentence's id. */
export const state = (person, text, id) => person.message(text).getByText(person.say(id));

/** Announces something to the team, to be acknowledged before `due`. */
export async function announce(person, text, due) {
  await person.click('link', new RegExp(`^${person.say('web-announcements')}`));
  await person.click('link', person.say('web-announce'));
  await person.page.getByRole('checkbox', { name: TEAM }).check();
  await person.paste(person.say('web-announcement-text'), text);
  await person.page.getByLabel(person.say('web-due')).fill(due);
  await person.click('button', person.say('web-preview'));
  await person.click('button', person.say('web-announce-now'));
  await person.sees(person.say('web-announced'));
}

/** The announcement with this text, on a list. */
export const announcement = (person, text) => person.page.locator('.announcement').filter({ hasText: text });
