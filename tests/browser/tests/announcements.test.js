/** A supervisor announces, an agent reads and acknowledges, all through the screens (scenarios A4, B2, B3, B5). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const FIRST = 'Route de Vaux barrée de 8 h à 12 h.';
const SECOND = 'Route de Vaux barrée de 8 h à 14 h.';

let town;
let lea;
let amine;

before(async () => {
  town = await Town.build();
  lea = await personAt(await town.desk('lea'));
  amine = await personAt(await town.desk('amine'));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** The announcement with this text, on a list. */
const announcement = (person, text) => person.page.locator('.announcement').filter({ hasText: text });

test('a_supervisor_sees_who_would_receive_before_anything_leaves', async () => {
  await lea.click('link', lea.say('web-announcements'));
  await lea.click('link', lea.say('web-announce'));
  await lea.page.getByRole('checkbox', { name: TEAM }).check();
  await lea.paste(lea.say('web-announcement-text'), FIRST);
  await lea.page.getByLabel(lea.say('web-due')).fill(town.moment(60));
  await lea.click('button', lea.say('web-preview'));
  await lea.sees(lea.say('web-preview-title'));
  await lea.check('the preview of an announcement');
  await amine.click('link', amine.say('web-announcements'));
  await amine.sees(amine.say('web-no-announcement'));
  await lea.click('button', lea.say('web-announce-now'));
  await lea.sees(lea.say('web-announced'));
});

test('an_agent_is_asked_and_acknowledges_and_the_supervisors_open_page_says_so', async () => {
  await announcement(amine, FIRST).waitFor();
  await amine.sees(amine.say('web-asked-of-you'));
  await announcement(lea, FIRST).getByRole('link').last().click();
  await amine.click('button', amine.say('action-acknowledge'));
  await amine.sees(amine.say('web-acknowledged'));
  await amine.check('an announcement that was acknowledged');
  const row = lea.page.getByRole('row').filter({ hasText: PEOPLE.amine.name });
  await row.filter({ hasText: lea.say('action-acknowledge') }).waitFor();
  await lea.check('how far an announcement is');
});

test('a_correction_asks_again_and_the_first_version_stays_struck_through', async () => {
  await lea.paste(lea.say('web-announcement-text'), SECOND);
  await lea.page.getByLabel(lea.say('web-due')).fill(town.moment(60));
  await lea.click('button', lea.say('web-correct-now'));
  await lea.sees(lea.say('web-corrected'));
  await announcement(amine, SECOND).getByRole('button', { name: amine.say('action-acknowledge') }).waitFor();
  assert.equal(await amine.page.locator('del').filter({ hasText: FIRST }).count(), 1);
  await amine.check('a corrected announcement');
});

test('an_agent_who_may_not_announce_is_told_so_and_finds_no_way_there', async () => {
  assert.equal(await amine.find('link', amine.say('web-announce')).count(), 0);
  await amine.open('/announcements/new');
  assert.equal(await amine.find('button', amine.say('web-announce-now')).count(), 0);
  await amine.check('an announcement that is not allowed');
});
