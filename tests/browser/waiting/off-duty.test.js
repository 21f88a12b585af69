/**
 * An agent's evening and next morning through the screens: what the desk says off duty, what still leaves,
 * what waits, and what comes when hours open (scenarios A1, A2, A12, B9).
 *
 * One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { closingSoon, minuteAfter, moment, until } from '../world/moments.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const LEAVES = 'Vanne refermée, la clé est au dépôt.';
const HELD = ['La pompe est revenue.', 'Rendez-vous au lavoir demain.'];
/** The time that it takes to write without network, and to set hours before that; in milliseconds. */
const [WRITING, ROOM] = [5_000, 15_000];
const [TAKEN_BACK, KEPT] = ['Peux-tu passer ce soir ?', 'Passe au lavoir d’abord.'];

let town;
let amine;
let lea;
/** When Amine's hours were not closed yet. */
let worked;

before(async () => {
  town = await Town.build();
  await appointSecond(town);
  lea = await personAt(await town.desk('lea'));
  amine = await personAt(await town.desk('amine'));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

async function inTeam(person) {
  await person.open('/conversations');
  await person.click('link', new RegExp(TEAM));
  await person.find('textbox', person.say('web-message')).waitFor();
}

/** What a message says of itself. */
const state = (person, text, id) => person.message(text).getByText(person.say(id));

test('a12_what_was_written_without_network_leaves_by_itself_though_its_author_is_off_duty_by_then', async () => {
  const { week, end } = await closingSoon(ROOM);
  worked = moment();
  await setHours(town, PEOPLE.amine.agent, week);
  await amine.page.locator('#standing').filter({ hasText: /^en service jusqu’à \S/ }).waitFor();
  await inTeam(lea);
  await inTeam(amine);
  // The longer the relay was away, the longer the pauses in which it is looked for.
  await until(end - WRITING);
  await town.cut();
  await amine.write(amine.say('web-message'), LEAVES);
  await amine.click('button', amine.say('web-send'));
  await state(amine, LEAVES, 'state-waiting').waitFor();
  await minuteAfter(end - 1);
  await town.restore();
  await lea.message(LEAVES).waitFor();
  for (const text of HELD) await town.write('chloe', text);
  await lea.message(HELD[1]).waitFor();
});

test('a1_off_duty_the_screen_says_until_when_and_nothing_has_come', async () => {
  await inTeam(amine);
  await amine.page.locator('#standing').filter({ hasText: /^hors service, reprise \S/ }).waitFor();
  await state(amine, LEAVES, 'state-waiting').waitFor({ state: 'detached' });
  assert.deepEqual(await amine.page.locator('.message .body').allInnerTexts(), [LEAVES]);
  await amine.find('button', amine.say('web-send-at-reopening')).waitFor();
  assert.equal(await amine.find('button', amine.say('web-send')).count(), 0);
  await amine.sees(amine.say('web-off-duty-writing'));
  await amine.check('a conversation off duty');
});

test('b9_written_to_somebody_off_duty_it_says_when_it_will_be_delivered_and_can_be_taken_back_until_then', async () => {
  await lea.open('/conversations');
  await lea.click('link', lea.say('web-new-conversation'));
  await lea.page.getByLabel(lea.say('web-new-with')).selectOption({ label: PEOPLE.amine.name });
  await lea.click('button', lea.say('web-open-conversation'));
  await lea.sees(lea.say('web-will-be-delivered'));
  for (const text of [TAKEN_BACK, KEPT]) {
    await lea.write(lea.say('web-message'), text);
    await lea.click('button', lea.say('web-send'));
    await lea.message(text).getByText(/ · sera remis \S/).waitFor();
  }
  await lea.check('a conversation with somebody off duty');
  await lea.message(TAKEN_BACK).getByRole('link', { name: lea.say('web-more') }).click();
  await lea.click('button', lea.say('web-cancel'));
  await lea.sees(lea.say('desk-cancelled'));
  assert.equal(await lea.message(TAKEN_BACK).count(), 0);
  await lea.message(KEPT).getByText(/ · sera remis \S/).waitFor();
});

test('a2_when_hours_open_one_summary_counts_what_came_and_it_reads_oldest_first', async () => {
  await amine.open('/conversations');
  assert.equal(await amine.find('note').count(), 0, 'off duty there is nothing to sum up');
  await minuteAfter(Date.now());
  await lea.click('link', lea.say('web-team'));
  await lea.page.getByLabel(lea.say('web-for-whom')).selectOption({ label: PEOPLE.amine.name });
  await lea.page.getByLabel(lea.say('web-from'), { exact: true }).fill(moment());
  await lea.page.getByLabel(lea.say('web-until'), { exact: true }).fill(moment(60));
  await lea.page.getByLabel(lea.say('web-urgent-reason')).fill('Renfort demandé au lavoir.');
  await lea.click('button', lea.say('web-duty-order'));
  await lea.sees(lea.say('web-duty-ordered'));
  // Off duty a device is told nothing, not even this: it asks when its agent opens the desk.
  await amine.leave();
  await (await town.desk('amine')).stop();
  amine = await personAt(await town.desk('amine'));
  const summary = amine.find('note').filter({ hasText: amine.say('web-absence') });
  await summary.getByText('3 messages').waitFor();
  await amine.check('the conversations when hours have opened');
  await inTeam(amine);
  assert.deepEqual(await amine.page.locator('.message:not(.own) .body').allInnerTexts(), HELD);
  await amine.open('/conversations');
  await amine.click('link', new RegExp(PEOPLE.lea.name));
  await amine.message(KEPT).waitFor();
  assert.equal(await amine.message(TAKEN_BACK).count(), 0);
});

test('a12_the_next_day_the_agent_shows_by_the_relays_word_that_they_were_off_duty', async () => {
  const opened = moment();
  await amine.click('link', amine.say('web-me'));
  await amine.click('link', new RegExp(amine.say('web-my-proofs')));
  await amine.page.getByLabel(amine.say('web-from'), { exact: true }).fill(worked);
  await amine.page.getByLabel(amine.say('web-until'), { exact: true }).fill(opened);
  const [download] = await Promise.all([
    amine.page.waitForEvent('download'),
    amine.click('button', amine.say('web-proof-download')),
  ]);
  const file = town.folder('joignabilite.json');
  await download.saveAs(file);
  const [proved] = await town.run('chloe', 'verify', file);
  assert.equal(proved.agent, PEOPLE.amine.agent);
  assert.deepEqual(proved.stretches.map(({ state: reachable }) => reachable).slice(0, 2), ['on-duty', 'off-duty']);
});
