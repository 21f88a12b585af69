/**
 * At 21:00: the right to disturb is given on the administrator's screen, who is on call is reached and nobody else,
 * who was not shows it the next day, and representatives see the month's figure of a team of ten (scenarios A12, B10,
 * B12).
 *
 * One story: each test begins where the one before ended. Everybody works from 08:00 to 17:00; in the evening Léa is
 * on call as the officer of the day and Chloé for the team. Amine is not.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { enrolAll } from '../world/newcomers.js';
import { moment } from '../world/moments.js';
import { inTeam, inTown } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const TREE = 'Arbre tombé sur la ligne, route de Vaux.';
const REASON = 'Sécurité des personnes.';
const FLOOD = 'Crue annoncée cette nuit.';
/** With them the team has ten people; nobody sits before their computers. */
const OTHERS = [10, 11, 12, 13, 14, 15, 16].map((agent) => ({ agent, name: `Agent ${agent}`, serial: `S${agent}` }));

let town;
let zoe;
let lea;
let amine;
let chloe;
/** When everybody was at work. */
let worked;
/** 21:00, when the urgency was declared. */
let evening;

inTown(async (built) => {
  town = built;
  await enrolAll(town, Object.fromEntries(OTHERS.map((one) => [`agent-${one.agent}`, one])));
  await appointSecond(town);
  await setHours(town, undefined, 'lun-ven 08:00-17:00');
  await town.goTo('16:00');
  worked = town.moment();
  const shifts = town.folder('shifts.csv');
  const [from, until] = [town.moment(), town.moment(15 * 60)].map((at) => at.replace('T', ' '));
  const turns = [`${PEOPLE.lea.agent},${from},${until},astreinte,,`, `${PEOPLE.chloe.agent},${from},${until},astreinte,${TEAM},1`];
  await writeFile(shifts, `agent,début,fin,type,équipe,rang\n${turns.join('\n')}\n`);
  await town.run('admin', 'admin', 'shifts', shifts);
  [zoe, lea, amine, chloe] = await Promise.all(
    ['admin', 'lea', 'amine', 'chloe'].map(async (who) => personAt(await town.desk(who))),
  );
  await town.goTo('21:00');
  evening = town.now;
});

/** How somebody's desk stands, in its line on every page. */
const standing = (person, words) => person.page.locator('#standing').filter({ hasText: words });

/** Fills in the form, looks at whom it would reach, and sends it. */
async function declare() {
  await lea.paste(lea.say('web-message'), TREE);
  await lea.page.getByRole('radio').first().check();
  await lea.paste(lea.say('web-urgent-reason'), REASON);
  await lea.page.getByLabel(lea.say('web-urgent-until')).fill(town.moment(120));
  await lea.click('button', lea.say('web-urgent-check'));
  const preview = lea.page.locator('.preview');
  await preview.getByText(`Reçoit tout de suite\u00A0: ${PEOPLE.chloe.name}.`).waitFor();
  assert.ok(!(await preview.innerText()).includes(PEOPLE.amine.name), 'he is not on call');
  await lea.click('button', lea.say('web-urgent-send'));
}

test('b10_who_has_not_the_right_is_refused_and_keeps_what_they_typed', async () => {
  await inTeam(lea);
  assert.equal(await lea.find('link', lea.say('web-urgent')).count(), 0);
  await lea.open(`${new URL(lea.page.url()).pathname}/urgent`);
  await declare();
  await lea.find('alert').getByText(lea.say('fault-forbidden')).waitFor();
  assert.equal(await lea.find('textbox', lea.say('web-message')).inputValue(), TREE);
  assert.equal(await lea.find('textbox', lea.say('web-urgent-reason')).inputValue(), REASON);
});

test('b10_an_administrator_gives_the_right_on_their_screen_and_it_is_allowed_then', async () => {
  await zoe.click('link', zoe.say('web-administration'));
  await zoe.click('link', new RegExp(`^${zoe.say('web-rights')}`));
  const right = zoe.find('region', zoe.say('web-right-urgency'));
  await right.getByText(zoe.say('web-right-nobody')).waitFor();
  await right.getByRole('combobox').selectOption({ label: PEOPLE.lea.name });
  await right.getByRole('button', { name: zoe.say('web-right-give') }).click();
  await zoe.sees('L’agent 2 peut déclarer des urgences.');
  await right.getByRole('listitem').filter({ hasText: PEOPLE.lea.name }).waitFor();
  for (const person of [amine, chloe]) await inTeam(person);
  await inTeam(lea);
  await lea.click('link', lea.say('web-urgent'));
  await declare();
  await lea.sees(lea.say('web-urgent-written'));
  await lea.message(TREE).waitFor();
});

test('a12_at_nine_in_the_evening_who_is_on_call_sees_the_urgency_and_who_is_not_sees_nothing_of_it', async () => {
  await standing(chloe, /^hors service, reprise .* · d’astreinte jusqu’à /).waitFor();
  await chloe.message(TREE).getByText(REASON).waitFor();
  await chloe.message(TREE).getByRole('button', { name: chloe.say('web-urgent-answer') }).click();
  await chloe.sees(chloe.say('urgent-responded'));
  await lea.message(TREE).getByText(new RegExp(`${PEOPLE.chloe.name} · a répondu 21:0\\d`)).waitFor();
  for (const path of [new URL(amine.page.url()).pathname, '/announcements', '/me', '/conversations']) {
    await amine.open(path);
    await standing(amine, /^hors service, reprise .*08:00/).waitFor();
    const shown = await amine.readable();
    for (const text of [TREE, REASON, 'URGENT']) assert.ok(!shown.includes(text), `${text} on ${path}`);
    assert.equal(await amine.page.locator('.count, .unread, .urgent, [role=note], [role=alert]').count(), 0, path);
  }
});

test('b10_once_the_right_is_withdrawn_there_is_no_way_to_an_urgency_any_more', async () => {
  await inTeam(lea);
  await lea.find('link', lea.say('web-urgent')).waitFor();
  await zoe.find('button', `${zoe.say('web-right-withdraw')} ${PEOPLE.lea.name}`).click();
  await zoe.sees('L’agent 2 ne peut plus déclarer d’urgences.');
  // Off duty she hears of it at her next contact, and the relay refuses before.
  await lea.click('link', lea.say('web-urgent'));
  await declare();
  await lea.find('alert').getByText(lea.say('fault-forbidden')).waitFor();
});

test('b12_a_derogation_opens_one_person_s_evening_on_a_basis_for_a_reason_and_until_a_time', async () => {
  await zoe.open('/admin/derogations');
  await zoe.page.getByLabel(zoe.say('web-for-whom')).selectOption({ label: OTHERS[0].name });
  await zoe.page.getByRole('radio').first().check();
  await zoe.page.getByLabel(zoe.say('web-urgent-reason')).fill(FLOOD);
  await zoe.page.getByLabel(zoe.say('derogate-until')).fill(town.moment(60));
  await zoe.click('button', zoe.say('derogate-now'));
  await zoe.sees(new RegExp(FLOOD));
});

test('a12_the_next_day_the_proof_covers_nine_in_the_evening_and_says_off_duty', async () => {
  await town.goTo('08:10');
  await amine.open('/me');
  await amine.click('link', new RegExp(`^${amine.say('web-my-proofs')}`));
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
  assert.ok(proved.from < evening && evening < proved.until, 'it covers the evening');
  const then = proved.stretches.filter(({ from }) => from <= evening).at(-1);
  assert.equal(then.state, 'off-duty');
});

test('b12_everybody_reads_the_reasons_and_representatives_see_the_figures_of_a_team_of_ten', async () => {
  await standing(amine, /^en service/).waitFor();
  await amine.open('/me/notices');
  await amine.sees(new RegExp(FLOOD));
  await amine.page.locator('#urgencies ~ ul.facts li').filter({ hasText: PEOPLE.lea.name }).filter({ hasText: REASON }).waitFor();
  for (const person of [zoe, amine, chloe]) await person.leave();
  await lea.open('/me');
  // Her computer hears of the relay once a week: longer without it, and it would lock.
  const month = moment(0, evening).slice(0, 7);
  for (let hour = 9; town.moment().slice(0, 7) === month; hour += 1) {
    await town.goOn(4 * 24 * 60);
    await town.goTo(`${String(hour).padStart(2, '0')}:00`);
    await standing(lea, new RegExp(`^en service jusqu’à 17:00 · dernier contact 0?${hour}:0\\d$`)).waitFor();
  }
  await lea.click('link', new RegExp(`^${lea.say('web-statistics')}`));
  await lea.page.getByLabel(lea.say('web-month')).fill(month);
  await lea.click('button', lea.say('web-show'));
  for (const name of [lea.say('statistics-all'), TEAM]) {
    const row = lea.page.getByRole('row').filter({ has: lea.find('rowheader', name) });
    // Of ten people one had their evening opened; one urgency was written outside its author's hours.
    assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['10', '1', '1'], name);
  }
  await lea.check('statistics with a team of ten');
});
