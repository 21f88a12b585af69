/**
 * A team's evening and the next days through the screens: what the desk says off duty, what still leaves,
 * what waits, what comes when hours open, and what a supervisor sees of it (scenarios A1, A2, A12, B1, B4, B9).
 *
 * One story: each test begins where the one before ended. Amine, Chloé and Paul work from 08:00 to 17:00, Léa
 * always.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { enrol } from '../world/newcomers.js';
import { announce, announcement, inTeam, inTown, send, state } from '../world/story.js';
import { PEOPLE } from '../world/town.js';

const WEEK = 'lun-ven 08:00-17:00';
const PAUL = { agent: 5, name: 'Paul Roux', serial: 'S5' };
const LEAVES = 'Vanne refermée, la clé est au dépôt.';
const HELD = ['La pompe est revenue.', 'Rendez-vous au lavoir demain.'];
const [TAKEN_BACK, KEPT] = ['Peux-tu passer ce soir ?', 'Passe au lavoir d’abord.'];
const [LEVEL, GATE] = ['Niveau du Lavoir à relever avant midi.', 'Portail du dépôt fermé dès 16 h.'];

let town;
let amine;
let chloe;
let lea;
/** When Amine's hours were not closed yet. */
let worked;

inTown(async (built) => {
  town = built;
  await enrol(town, 'paul', PAUL);
  await appointSecond(town);
  for (const { agent } of [PEOPLE.amine, PEOPLE.chloe, PAUL]) await setHours(town, agent, WEEK);
  await town.goTo('16:50');
  await town.run('chloe', 'threads', '--sync', '2');
  lea = await personAt(await town.desk('lea'));
  amine = await personAt(await town.desk('amine'));
});

/** How somebody's desk stands, in its line on every page. */
const standing = (person, words) => person.page.locator('#standing').filter({ hasText: words });

/** A number of the dashboard, by its words. */
const count = (words) => lea.page.locator('.counts div').filter({ hasText: words }).locator('dd');

test('a12_what_was_written_without_network_leaves_by_itself_though_its_author_is_off_duty_by_then', async () => {
  worked = town.moment();
  await standing(amine, 'en service jusqu’à 17:00').waitFor();
  await inTeam(lea);
  await inTeam(amine);
  await town.cut();
  await send(amine, LEAVES);
  await state(amine, LEAVES, 'state-waiting').waitFor();
  await town.goTo('19:00');
  await town.restore();
  // The longer the relay was away, the longer the pauses in which it is looked for.
  await town.goOn(2);
  await lea.message(LEAVES).waitFor();
  for (const text of HELD) {
    await send(lea, text);
    await lea.message(text).waitFor();
  }
});

test('a1_off_duty_the_screen_says_until_when_and_nothing_has_come', async () => {
  // A page that was left open says so by itself.
  await standing(amine, /^hors service, reprise .*08:00/).waitFor();
  await inTeam(amine);
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
    await send(lea, text);
    await lea.message(text).getByText(/ · sera remis .*08:00/).waitFor();
  }
  await lea.check('a conversation with somebody off duty');
  await lea.message(TAKEN_BACK).getByRole('link', { name: lea.say('web-more') }).click();
  await lea.click('button', lea.say('web-cancel'));
  await lea.sees(lea.say('desk-cancelled'));
  assert.equal(await lea.message(TAKEN_BACK).count(), 0);
  await lea.message(KEPT).getByText(/ · sera remis .*08:00/).waitFor();
});

test('b1_in_the_evening_the_dashboard_names_who_is_on_duty_and_only_counts_who_is_not', async () => {
  await lea.click('link', lea.say('web-team'));
  await count(lea.say('duty-off')).filter({ hasText: /^3$/ }).waitFor();
  assert.equal(await count(lea.say('duty-on')).innerText(), '1');
  const named = await lea.page.locator('.members li').allInnerTexts();
  assert.deepEqual(named.map((line) => line.split(' · ')[0]), [PEOPLE.lea.name]);
  await lea.check('a team whose people are off duty');
});

test('a1_before_hours_open_nothing_has_come_and_nothing_is_summed_up', async () => {
  await announce(lea, GATE, town.moment(24 * 60));
  await town.goTo('07:40');
  await amine.open('/announcements');
  await amine.sees(amine.say('web-no-announcement'));
  await amine.open('/conversations');
  await standing(amine, 'hors service, reprise aujourd’hui 08:00').waitFor();
  assert.equal(await amine.find('note').count(), 0);
  assert.ok(!(await amine.readable()).includes(PEOPLE.lea.name));
});

test('a2_when_hours_open_one_summary_counts_what_came_and_it_reads_oldest_first', async () => {
  await town.goTo('08:00');
  const summary = amine.find('note').filter({ hasText: amine.say('web-absence') });
  await summary.getByText('3 messages').waitFor();
  await summary.getByRole('link', { name: '1 consigne' }).waitFor();
  await standing(amine, 'en service jusqu’à 17:00').waitFor();
  await amine.check('the conversations when hours have opened');
  await inTeam(amine);
  assert.deepEqual(await amine.page.locator('.message:not(.own) .body').allInnerTexts(), HELD);
  await amine.open('/conversations');
  await amine.click('link', new RegExp(PEOPLE.lea.name));
  await amine.message(KEPT).waitFor();
  assert.equal(await amine.message(TAKEN_BACK).count(), 0);
});

test('a12_the_next_day_the_agent_shows_by_the_relays_word_that_they_were_off_duty', async () => {
  await amine.click('link', amine.say('web-me'));
  await amine.click('link', new RegExp(amine.say('web-my-proofs')));
  await amine.page.getByLabel(amine.say('web-from'), { exact: true }).fill(worked);
  await amine.page.getByLabel(amine.say('web-until'), { exact: true }).fill(town.moment());
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

test('a_duty_period_opens_one_person_s_evening_and_they_see_by_whom_and_why', async () => {
  const why = 'Renfort demandé au lavoir.';
  await lea.click('link', lea.say('web-team'));
  await lea.page.getByLabel(lea.say('web-for-whom')).selectOption({ label: PEOPLE.amine.name });
  const day = town.moment().slice(0, 10);
  await lea.page.getByLabel(lea.say('web-from'), { exact: true }).fill(`${day}T17:00`);
  await lea.page.getByLabel(lea.say('web-until'), { exact: true }).fill(`${day}T18:30`);
  await lea.page.getByLabel(lea.say('web-urgent-reason')).fill(why);
  await lea.click('button', lea.say('web-duty-order'));
  await lea.sees(lea.say('web-duty-ordered'));
  const ahead = lea.page.locator('ul.facts li').filter({ hasText: why });
  assert.ok((await ahead.innerText()).includes(PEOPLE.amine.name));
  await amine.click('link', new RegExp(`^${amine.say('web-conversations')}`));
  await standing(amine, 'en service jusqu’à 18:30').waitFor();
});

test('a_duty_period_that_is_over_too_long_without_a_reason_or_ordered_already_is_refused_in_words', async () => {
  const day = (days) => town.moment(days * 24 * 60).slice(0, 10);
  const fill = async (from, until, why) => {
    await lea.page.getByLabel(lea.say('web-for-whom')).selectOption({ label: PEOPLE.amine.name });
    await lea.page.getByLabel(lea.say('web-from'), { exact: true }).fill(from);
    await lea.page.getByLabel(lea.say('web-until'), { exact: true }).fill(until);
    await lea.page.getByLabel(lea.say('web-urgent-reason')).fill(why);
  };
  const order = async (from, until, why, id) => {
    await fill(from, until, why);
    await lea.click('button', lea.say('web-duty-order'));
    await lea.find('alert').getByText(lea.say(id)).waitFor();
    assert.equal(await lea.page.getByLabel(lea.say('web-until'), { exact: true }).inputValue(), until);
  };
  await order(`${day(-2)}T17:00`, `${day(-2)}T18:00`, 'Renfort.', 'web-duty-past');
  await order(`${day(1)}T00:00`, `${day(21)}T00:00`, 'Renfort.', 'web-duty-long');
  await order(`${day(0)}T17:00`, `${day(0)}T18:30`, '   ', 'web-reason-missing');
  await order(`${day(0)}T17:00`, `${day(0)}T18:30`, 'é'.repeat(201), 'web-reason-long');
  await order(`${day(0)}T17:00`, `${day(0)}T18:30`, 'Renfort.', 'web-duty-same');
  await lea.check('a duty period that is ordered already');
  // A night between two days leaves too little rest, which the floors of these hours only report.
  await fill(`${day(0)}T20:00`, `${day(1)}T06:00`, 'Renfort de nuit.');
  await lea.click('button', lea.say('web-duty-order'));
  await lea.sees(lea.say('web-duty-flagged'));
  await lea.find('button', lea.say('web-duty-order-anyway')).waitFor();
  await lea.check('a duty period that leaves too little rest');
  assert.equal(await lea.page.locator('ul.facts li').filter({ hasText: 'Renfort de nuit.' }).count(), 0, 'nothing is ordered');
});

test('b1_in_the_morning_the_dashboard_counts_who_is_there_who_is_on_leave_and_names_the_device_that_is_missed', async () => {
  const zoe = await personAt(await town.desk('admin'));
  await zoe.open('/admin/absences');
  await zoe.page.locator('#agent').selectOption({ label: PAUL.name });
  await zoe.page.getByLabel(zoe.say('leave-first-day')).fill(town.moment().slice(0, 10));
  await zoe.page.getByLabel(zoe.say('leave-last-day')).fill(town.moment(14 * 24 * 60).slice(0, 10));
  await zoe.click('button', zoe.say('leave-record'));
  await zoe.sees(zoe.say('leave-recorded'));
  await zoe.leave();
  await inTeam(amine);
  await inTeam(lea);
  // Amine and Léa work each day; Chloé's computer is not switched on.
  for (const text of ['Jour un.', 'Jour deux.', 'Jour trois.', 'Jour quatre.']) {
    await town.goTo('08:30');
    await send(amine, text);
    await lea.message(text).waitFor();
  }
  await lea.open('/team');
  await count(lea.say('web-missed')).filter({ hasText: /^1$/ }).waitFor();
  const counts = ['duty-on', 'desk-person-on-leave', 'duty-off'].map((id) => count(lea.say(id)).innerText());
  assert.deepEqual(await Promise.all(counts), ['3', '1', '0']);
  await lea.page.locator('.members li').filter({ hasText: new RegExp(`^${PAUL.name} · en congé jusqu’à `) }).waitFor();
  const missed = lea.page.locator('.members li').filter({ has: lea.page.getByText(lea.say('team-missed')) });
  assert.deepEqual((await missed.allInnerTexts()).map((line) => line.split(' · ')[0]), [PEOPLE.chloe.name]);
  await lea.check('a team with a device that is missed');
});

test('b4_the_reminder_goes_to_who_has_not_acknowledged_and_to_nobody_else', async () => {
  chloe = await personAt(await town.desk('chloe'));
  const reminder = (person) => announcement(person, LEVEL).getByText(person.say('web-reminded'));
  await announce(lea, LEVEL, `${town.moment().slice(0, 10)}T10:30`);
  for (const person of [amine, chloe]) {
    await person.open('/announcements');
    await announcement(person, LEVEL).getByRole('button', { name: person.say('action-acknowledge') }).waitFor();
  }
  await announcement(amine, LEVEL).getByRole('button', { name: amine.say('action-acknowledge') }).click();
  await amine.sees(amine.say('web-acknowledged'));
  await town.goTo('09:59');
  assert.equal(await reminder(chloe).count(), 0, 'half an hour before, and not earlier');
  await town.goTo('10:00');
  await reminder(chloe).waitFor();
  await chloe.check('an announcement with a reminder');
  await amine.open('/announcements');
  await announcement(amine, LEVEL).waitFor();
  assert.equal(await reminder(amine).count(), 0);
});
