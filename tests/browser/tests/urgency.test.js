/**
 * In the evening nobody is at work: who may disturb whom, who is asked next, what is left of it the next day,
 * and what is told of the month (scenarios B10, B11, B12).
 *
 * One story: each test begins where the one before ended. Ten people are in the team, two in another. In the
 * evening Léa is on call as the officer of the day; Amine and Paul are on the team's rota, in this order.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { enrolAll } from '../world/newcomers.js';
import { inTeam, inTown, send, state } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const TREE = 'Arbre tombé sur la ligne, route de Vaux.';
const COMING = 'J’y vais, dix minutes.';
const FLOOD = 'Cave inondée à la mairie.';
const REASON = 'Sécurité des personnes.';
const WEEK = 'lun-ven 08:00-17:00';
const PAUL = { agent: 5, name: 'Paul Roux', serial: 'S5' };
const SMALL = 'Espaces verts';
/** People of whom nothing is told but their number. */
const OTHERS = [
  ...[10, 11, 12, 13, 14, 15].map((agent) => ({ agent, name: `Agent ${agent}`, serial: `S${agent}` })),
  ...[20, 21].map((agent) => ({ agent, name: `Agent ${agent}`, serial: `S${agent}`, team: SMALL })),
];

let town;
let lea;
let amine;
let chloe;
let paul;

inTown(async (built) => {
  town = built;
  await enrolAll(town, { paul: PAUL, ...Object.fromEntries(OTHERS.map((one) => [`agent-${one.agent}`, one])) });
  await appointSecond(town);
  await setHours(town, undefined, WEEK);
  await town.goTo('16:00');
  const shifts = town.folder('shifts.csv');
  const [from, until] = [town.moment(), town.moment(24 * 60)].map((moment) => moment.replace('T', ' '));
  const turn = (agent, place) => `${agent},${from},${until},astreinte,${TEAM},${place}\n`;
  const turns = `${PEOPLE.lea.agent},${from},${until},astreinte,,\n${turn(PEOPLE.amine.agent, 1)}${turn(PAUL.agent, 2)}`;
  await writeFile(shifts, `agent,début,fin,type,équipe,rang\n${turns}`);
  await town.run('admin', 'admin', 'shifts', shifts);
  for (const who of ['amine', 'chloe', 'paul']) await town.run(who, 'threads', '--sync', '2');
  [lea, amine, chloe, paul] = await Promise.all(
    ['lea', 'amine', 'chloe', 'paul'].map(async (who) => personAt(await town.desk(who))),
  );
  await town.goTo('21:00');
});

/** Fills in the form up to the look at whom it would reach, and sends it. */
async function declare(person, text) {
  await person.paste(person.say('web-message'), text);
  await person.page.getByRole('radio').first().check();
  await person.paste(person.say('web-urgent-reason'), REASON);
  await person.page.getByLabel(person.say('web-urgent-until')).fill(town.moment(120));
  await person.click('button', person.say('web-urgent-check'));
  await person.sees(new RegExp(`^Reçoivent tout de suite.*${PAUL.name}`));
  await person.click('button', person.say('web-urgent-send'));
}

/** The button of who is called. */
const answer = (person, text) => person.message(text).getByRole('button', { name: person.say('web-urgent-answer') });

/** What Léa sees of a call. */
const terms = (text, words) => lea.message(text).locator('.terms').getByText(words);

test('b10_without_the_right_there_is_no_way_to_an_urgency_and_a_form_that_is_sent_all_the_same_is_refused', async () => {
  await inTeam(lea);
  assert.equal(await lea.find('link', lea.say('web-urgent')).count(), 0);
  await lea.open(`${new URL(lea.page.url()).pathname}/urgent`);
  await declare(lea, TREE);
  await lea.find('alert').waitFor();
  await lea.check('an urgency that is refused');
  assert.equal(await lea.find('textbox', lea.say('web-message')).inputValue(), TREE, 'nothing that was typed is lost');
  await inTeam(lea);
  assert.equal(await lea.message(TREE).count(), 0);
});

test('what_cannot_stand_is_told_field_by_field_when_it_is_checked_and_nothing_typed_is_lost', async () => {
  await lea.open(`${new URL(lea.page.url()).pathname}/urgent`);
  const said = (id) => lea.find('alert').filter({ hasText: lea.say(id) });
  const until = lea.page.getByLabel(lea.say('web-urgent-until'));
  await lea.paste(lea.say('web-message'), '   ');
  await lea.page.getByRole('radio').first().check();
  await lea.paste(lea.say('web-urgent-reason'), '   ');
  await until.fill(town.moment(30 * 24 * 60));
  await lea.click('button', lea.say('web-urgent-check'));
  await said('web-urgent-until-long').waitFor();
  await said('web-reason-missing').waitFor();
  await lea.find('alert').filter({ hasText: 'Ce texte est vide' }).waitFor();
  assert.equal(await lea.find('button', lea.say('web-urgent-send')).count(), 0);
  await lea.check('an urgency whose fields do not do');
  await lea.paste(lea.say('web-message'), TREE);
  await lea.paste(lea.say('web-urgent-reason'), 'é'.repeat(201));
  await until.fill(town.moment(-60));
  await lea.click('button', lea.say('web-urgent-check'));
  await said('web-urgent-until-past').waitFor();
  await said('web-reason-long').waitFor();
  assert.equal(await lea.find('textbox', lea.say('web-message')).inputValue(), TREE);
  assert.ok(!(await lea.readable()).includes('_'), 'no word of the code is shown');
  await inTeam(lea);
});

test('b10_with_the_right_it_reaches_who_is_on_call_and_nobody_else_off_duty', async () => {
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  for (const person of [amine, chloe, paul]) await inTeam(person);
  await lea.page.reload();
  await lea.click('link', lea.say('web-urgent'));
  await declare(lea, TREE);
  await lea.sees(lea.say('web-urgent-written'));
  await answer(amine, TREE).waitFor();
  await amine.message(TREE).getByText(REASON).waitFor();
  await amine.check('an urgency for who is on call');
  assert.equal(await chloe.message(TREE).count(), 0);
});

test('b11_after_ten_minutes_without_an_answer_the_next_of_the_rota_is_called_and_the_author_sees_who_goes', async () => {
  await paul.message(TREE).waitFor();
  assert.equal(await answer(paul, TREE).count(), 0, 'he has it, and is not asked yet');
  await terms(TREE, new RegExp(`${PEOPLE.amine.name} · appelé 21:00`)).waitFor();
  await town.goOn(9);
  await town.goOn(1);
  await terms(TREE, new RegExp(`${PAUL.name} · appelé 21:10`)).waitFor();
  await answer(paul, TREE).click();
  await paul.sees(paul.say('urgent-responded'));
  await send(paul, COMING);
  await state(paul, COMING, 'state-handed').waitFor();
  await terms(TREE, new RegExp(`${PAUL.name} · a répondu 21:10`)).waitFor();
  assert.equal(await chloe.message(TREE).count(), 0, 'who is not on call has still nothing');
});

test('b11_when_the_whole_rota_was_called_in_vain_its_author_is_told_that_nobody_has_answered', async () => {
  await lea.click('link', lea.say('web-urgent'));
  await declare(lea, FLOOD);
  await answer(amine, FLOOD).waitFor();
  await town.goOn(10);
  await answer(paul, FLOOD).waitFor();
  await answer(amine, FLOOD).waitFor({ state: 'detached' });
  await town.goOn(10);
  await terms(FLOOD, 'Personne n’a répondu (21:30).').waitFor();
  await terms(FLOOD, new RegExp(`${PEOPLE.amine.name} · appelé 21:10`)).waitFor();
  await terms(FLOOD, new RegExp(`${PAUL.name} · appelé 21:20`)).waitFor();
  await answer(paul, FLOOD).waitFor({ state: 'detached' });
  await lea.check('an urgency that nobody has answered');
});

test('b10_everybody_at_work_reads_who_declared_it_on_which_basis_and_why_and_that_nobody_had_answered', async () => {
  await town.goTo('08:00');
  await chloe.open('/me');
  await chloe.click('link', new RegExp(`^${chloe.say('web-notices')}`));
  const [flood, tree] = await chloe.page.locator('#urgencies ~ ul.facts li').allInnerTexts();
  for (const line of [flood, tree]) {
    assert.ok(line.includes(PEOPLE.lea.name) && line.includes(TEAM) && line.includes(REASON), line);
    assert.match(line, /décret 2000-815, art\. 3, II, a/);
  }
  assert.ok(flood.includes(chloe.say('urgency-nobody')) && !tree.includes(chloe.say('urgency-nobody')), flood);
  await chloe.check('the urgencies that were declared');
  await inTeam(chloe);
});

test('b10_at_their_opening_the_others_read_what_was_urgent_on_which_basis_for_which_reason_and_by_whom', async () => {
  for (const text of [TREE, FLOOD]) {
    const said = chloe.message(text).locator('.terms');
    await said.getByText(/^URGENT · /).waitFor();
    const line = await said.innerText();
    assert.ok(line.includes(REASON) && line.includes(PEOPLE.lea.name), line);
  }
  const admin = await personAt(await town.desk('admin'));
  await admin.open('/me/audit');
  await admin.sees(admin.say('audit-urgency-declared'));
  await admin.sees(admin.say('audit-call-unanswered'));
  await admin.leave();
});

test('b12_of_a_month_that_is_over_what_was_off_hours_is_told_by_service_and_nothing_of_fewer_than_ten_people', async () => {
  const month = town.moment().slice(0, 7);
  const show = async (asked) => {
    await lea.find('navigation').getByRole('link', { name: lea.say('web-me') }).click();
    await lea.click('link', new RegExp(lea.say('web-statistics')));
    await lea.page.getByLabel(lea.say('web-month')).fill(asked);
    await lea.click('button', lea.say('web-show'));
  };
  await show(month);
  await lea.find('alert').waitFor();
  // Her computer hears of the relay once a week: longer without it, and it would lock.
  await lea.leave();
  await (await town.desk('lea')).stop();
  while (town.moment().slice(0, 7) === month) {
    await town.goOn(4 * 24 * 60);
    await town.goTo('08:00');
    await town.run('lea', 'threads', '--sync', '1');
  }
  lea = await personAt(await town.desk('lea'));
  await show(month);
  const row = (name) => lea.page.getByRole('row').filter({ hasText: name });
  await row(lea.say('statistics-all')).waitFor();
  assert.deepEqual(await row(lea.say('statistics-all')).getByRole('cell').allInnerTexts(), ['12', '0', '3']);
  // Ten are enough, but the organisation's number less theirs would tell of two.
  assert.deepEqual([await row(TEAM).count(), await row(SMALL).count()], [0, 0]);
  await lea.sees(/^2 groupes sont passés sous silence/);
  await lea.check('statistics of a month');
});
