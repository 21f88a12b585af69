/**
 * A consigne and six messages from the evening to the next morning, as their author and each receiver see them
 * (scenarios A1, A2, A4, B2, B3).
 *
 * One story: each test begins where the one before ended. Amine works from 08:00 to 17:00, Omar is on leave, the
 * others are always at work; before Paul's computer sits nobody.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { enrolAll } from '../world/newcomers.js';
import { announce, announcement, inTeam, inTown, send } from '../world/story.js';
import { PEOPLE } from '../world/town.js';

const PAUL = { agent: 5, name: 'Paul Roux', serial: 'S5' };
const NOUR = { agent: 6, name: 'Nour Haddad', serial: 'S6' };
const OMAR = { agent: 7, name: 'Omar Sy', serial: 'S7' };
const SAID = ['Un : pompe.', 'Deux : cônes.', 'Trois : gilets.', 'Quatre : clé.', 'Cinq : bâche.'];
const LAST = 'Six : café à la mairie.';
const BARRED = 'Route de Vaux barrée lundi.';
const ANSWER = 'Je serai en réunion à huit heures.';

let town;
let lea;
let amine;
let chloe;
let nour;

inTown(async (built) => {
  town = built;
  await enrolAll(town, { paul: PAUL, nour: NOUR, omar: OMAR });
  await appointSecond(town);
  await setHours(town, PEOPLE.amine.agent, 'lun-ven 08:00-17:00');
  await town.goTo('19:00');
  const leave = ['--from', town.moment().slice(0, 10), '--until', town.moment(7 * 24 * 60).slice(0, 10)];
  await town.run('admin', 'admin', 'absence', String(OMAR.agent), ...leave);
  await town.desk('paul');
  [lea, amine, chloe, nour] = await Promise.all(
    ['lea', 'amine', 'chloe', 'nour'].map(async (who) => personAt(await town.desk(who))),
  );
});

/** How somebody's desk stands, in its line on every page. */
const standing = (person, words) => person.page.locator('#standing').filter({ hasText: words });

/** What the page tells of somebody, on the one that says how far a consigne is. */
const far = (name, words) => lea.page.getByRole('row').filter({ has: lea.find('rowheader', name) })
  .getByRole('cell').filter({ hasText: words });

/** The sum of all of them, under the consigne. */
const sum = (words) => announcement(lea, BARRED).locator('.foot').getByRole('link', { name: words, exact: true });

test('b3_of_each_person_the_table_says_how_far_it_is_and_who_is_on_leave_is_counted_apart', async () => {
  await inTeam(lea);
  for (const text of SAID) {
    await send(lea, text);
    await lea.message(text).waitFor();
  }
  await announce(lea, BARRED, town.moment(15 * 60));
  await chloe.open('/announcements');
  await announcement(chloe, BARRED).getByRole('button', { name: chloe.say('action-acknowledge') }).click();
  await chloe.sees(chloe.say('web-acknowledged'));
  await nour.open('/announcements');
  await announcement(nour, BARRED).getByRole('button', { name: nour.say('action-acknowledge') }).waitFor();
  await announcement(lea, BARRED).locator('.foot').getByRole('link').click();
  await far(PEOPLE.chloe.name, /^«\u00A0Lu et compris\u00A0», .*19:0\d$/).waitFor();
  await far(NOUR.name, /^lu$/).waitFor();
  await far(PAUL.name, /^reçu$/).waitFor();
  await far(PEOPLE.amine.name, /^sera remis .*08:00$/).waitFor();
  await far(OMAR.name, /^en congé$/).waitFor();
  assert.equal(await lea.page.locator('tbody').getByRole('row').count(), 5, 'its author is no receiver');
  const counts = await lea.page.locator('.counts div').allInnerTexts();
  assert.deepEqual(counts.map((line) => line.split(/\s*\n\s*/)), [
    ['sera remis', '1'], ['non joint', '0'], ['reçu', '1'], ['lu', '1'], ['Lu et compris', '1'], ['en congé', '1'],
  ]);
  await sum('«\u00A0Lu et compris\u00A0»\u00A0: 1 sur 4 · en congé\u00A0: 1').waitFor();
  await lea.check('a consigne that came to each person differently far');
});

test('b2_an_answer_is_for_the_author_alone_and_quotes_the_consigne', async () => {
  await announcement(chloe, BARRED).getByRole('button', { name: chloe.say('web-answer-issuer') }).click();
  await chloe.find('heading', PEOPLE.lea.name).first().waitFor();
  await chloe.page.locator('.composer .quoted').getByText(BARRED).waitFor();
  await chloe.check('an answer to a consigne');
  await send(chloe, ANSWER);
  await chloe.message(ANSWER).getByText(BARRED).waitFor();
  const hers = await personAt(await town.desk('lea'));
  await hers.click('link', new RegExp(PEOPLE.chloe.name));
  await hers.message(ANSWER).getByText(BARRED).waitFor();
  await hers.open(`${new URL(hers.page.url()).pathname}/settings`);
  const readers = (await hers.page.locator('ul.members li').allInnerTexts()).map((line) => line.split(' (')[0].split(' · ')[0]);
  assert.deepEqual(readers.sort(), [PEOPLE.chloe.name, PEOPLE.lea.name], 'nobody else is in it');
  // What Nour is sent after the answer is there; the answer is nowhere.
  await inTeam(hers);
  await send(hers, LAST);
  await hers.leave();
  await inTeam(nour);
  await nour.message(LAST).waitFor();
  for (const path of ['/conversations', '/announcements', `/conversations/search?q=${encodeURIComponent('réunion')}`]) {
    await nour.open(path);
    assert.ok(!(await nour.readable()).includes(ANSWER), path);
  }
  assert.equal(await nour.find('link', new RegExp(`^${PEOPLE.chloe.name}`)).count(), 0);
});

test('a1_of_six_messages_and_a_consigne_who_is_off_duty_sees_neither_a_text_nor_a_number', async () => {
  for (const path of ['/announcements', '/me', '/conversations']) {
    await amine.open(path);
    await standing(amine, /^hors service, reprise .*08:00/).waitFor();
    const shown = await amine.readable();
    for (const text of [...SAID, LAST, BARRED]) assert.ok(!shown.includes(text), `${text} on ${path}`);
    const places = await amine.find('navigation').getByRole('link').allInnerTexts();
    assert.deepEqual(places, ['web-conversations', 'web-announcements', 'web-me'].map((id) => amine.say(id)), path);
    assert.equal(await amine.page.locator('.count, .unread, [role=note]').count(), 0, path);
  }
  await amine.check('the conversations off duty');
});

test('a2_at_the_opening_one_summary_counts_all_of_it_and_each_message_says_when_it_was_written', async () => {
  await town.goTo('08:00');
  await standing(amine, 'en service jusqu’à 17:00').waitFor();
  const summary = amine.find('note').filter({ hasText: amine.say('web-absence') });
  await summary.getByText('6 messages, 1 consigne à confirmer').waitFor();
  assert.equal(await amine.find('note').count(), 1);
  await amine.check('what came off duty');
  await inTeam(amine);
  assert.deepEqual(await amine.page.locator('.message .body').allInnerTexts(), [...SAID, LAST]);
  for (const words of await amine.page.locator('.message .when').allInnerTexts()) assert.match(words, /^écrit 19:0\d · remis aujourd’hui 08:0\d$/);
});

test('a4_lu_et_compris_changes_the_count_on_the_page_that_the_supervisor_has_open', async () => {
  let loaded = 0;
  lea.page.on('load', () => { loaded += 1; });
  await sum('«\u00A0Lu et compris\u00A0»\u00A0: 1 sur 4 · en congé\u00A0: 1').waitFor();
  await amine.click('link', new RegExp(`^${amine.say('web-announcements')}`));
  await far(PEOPLE.amine.name, /^lu$/).waitFor();
  await announcement(amine, BARRED).getByRole('button', { name: amine.say('action-acknowledge') }).click();
  await sum('«\u00A0Lu et compris\u00A0»\u00A0: 2 sur 4 · en congé\u00A0: 1').waitFor();
  await far(PEOPLE.amine.name, /^«\u00A0Lu et compris\u00A0», .*08:0\d$/).waitFor();
  assert.equal(loaded, 0, 'the page was not loaded again');
  await announcement(amine, BARRED).getByText(/^«\u00A0Lu et compris\u00A0», .*08:0\d$/).waitFor();
  assert.equal(await announcement(amine, BARRED).getByRole('button', { name: amine.say('action-acknowledge') }).count(), 0);
});
