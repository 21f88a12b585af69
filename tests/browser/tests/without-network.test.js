/** Computers that have no network, through the screens: what was there is found, and nothing written is lost (scenarios A5, A9). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { enrol } from '../world/newcomers.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const FOUND = 'Buses à déboucher chemin du Pré, côté fossé.';
const WRITTEN = 'Devis : 1 200 euros.';
const VERSIONS = ['Devis : 1 350 euros.', 'Devis : 1 500 euros, pompe comprise.'];
/** Amine's two computers. */
const COMPUTERS = ['amine', 'second'];

let town;

before(async () => {
  town = await Town.build();
  await enrol(town, 'second', { ...PEOPLE.amine, serial: 'S33' });
  await town.run('amine', 'threads', '--sync', '3');
  await town.run('second', 'threads', '--sync', '3');
  await town.write('chloe', FOUND);
  await town.write('amine', WRITTEN);
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

async function inTeam(who) {
  const person = await personAt(await town.desk(who));
  await person.click('link', new RegExp(TEAM));
  await person.message(WRITTEN).waitFor();
  return person;
}

/** How a message says that it has several texts. */
const waits = (person, text) => person.message(text).getByRole('link', { name: person.say('web-versions-wait') });

test('a5_killed_and_started_without_network_the_desk_finds_a_message_by_a_word_without_its_accent', async () => {
  await (await inTeam('amine')).leave();
  await town.cut();
  await (await town.desk('amine')).kill();
  const person = await inTeam('amine');
  await person.message(FOUND).waitFor();
  await person.open('/conversations');
  await person.find('searchbox').fill('DEBOUCHER buse');
  await person.press('Enter');
  const hit = person.page.locator('.hits li');
  await hit.getByText('déboucher', { exact: true }).waitFor();
  assert.deepEqual(await hit.locator('mark').allInnerTexts(), ['Buses', 'déboucher']);
  await hit.getByRole('link').click();
  await person.message(FOUND).waitFor();
  await person.leave();
  await (await town.desk('amine')).stop();
  await town.restore();
});

test('a9_edited_at_once_on_two_computers_without_network_both_texts_are_shown_and_one_is_chosen', async () => {
  const people = [];
  for (const who of COMPUTERS) people.push(await inTeam(who));
  await town.cut();
  for (const [at, person] of people.entries()) {
    await person.message(WRITTEN).getByRole('link', { name: person.say('web-more') }).click();
    await person.write(person.say('web-edit'), VERSIONS[at]);
    await person.click('button', person.say('web-save'));
    await person.message(VERSIONS[at]).waitFor();
  }
  await town.restore();
  for (const person of people) await person.page.getByRole('link', { name: person.say('web-versions-wait') }).first().waitFor();
  const [person, other] = people;
  await person.page.getByRole('link', { name: person.say('web-versions-wait') }).click();
  await person.sees(person.say('web-versions-why'));
  const current = person.page.locator('.versions .current');
  assert.deepEqual((await current.locator('.body').allInnerTexts()).sort(), VERSIONS);
  await person.check('a message with two versions');
  await current.filter({ hasText: VERSIONS[0] }).getByRole('button', { name: person.say('web-keep-version') }).click();
  await person.message(VERSIONS[0]).waitFor();
  await other.message(VERSIONS[0]).waitFor();
  for (const one of people) assert.equal(await waits(one, VERSIONS[0]).count(), 0);
});
