/**
 * The administrator's computer: holidays of a place, who would receive on Sunday evening, a ticket that has served, and
 * the figures that the relay tells of itself after what was done (scenarios C4, C7, C12, D3).
 *
 * One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePassphrase, giveTicket } from '../world/beginner.js';
import { personAt } from '../world/browser.js';
import { appointSecond } from '../world/hours.js';
import { announce, announcement, inTeam, inTown, send } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const WEEK = 'lun-ven 08:00-17:00';
const PAUL = 'Paul Roux';
const BARRED = 'Route de Vaux barrée lundi.';
/** Holidays of the whole country that are on the same day each year. */
const FIXED = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
const [SATURDAY, SUNDAY] = [6, 0];

let town;
let zoe;
let ines;

inTown(async (built) => {
  town = built;
  await appointSecond(town);
  await town.goTo('10:00');
  zoe = await personAt(await town.desk('admin'), { width: 1280 });
  ines = await personAt(await town.desk('ines'), { width: 1280 });
});

/** To a place of the administration. */
async function go(person, id) {
  await person.find('navigation').getByRole('link', { name: person.say('web-administration') }).click();
  await person.page.locator('.doors a').filter({ has: person.page.getByText(person.say(id), { exact: true }) }).click();
}

/** The next holiday from Monday to Friday, as `2026-12-25`. */
function holiday() {
  const today = town.moment().slice(0, 10);
  const year = Number(today.slice(0, 4));
  const days = [year, year + 1, year + 2].flatMap((of) => FIXED.map((day) => `${of}-${day}`)).sort();
  return days.find((day) => day > today && ![SATURDAY, SUNDAY].includes(new Date(day).getUTCDay()));
}

const who = () => zoe.page.locator('section[aria-labelledby="who"]');

/** Has hours of the team looked at, with the holidays of a place, for a moment. */
async function look(place, at) {
  await zoe.page.getByLabel(zoe.say('web-hours-for')).selectOption({ label: TEAM });
  await zoe.page.getByLabel(zoe.say('web-hours-week')).fill(WEEK);
  await zoe.page.getByLabel(zoe.say('web-hours-place')).selectOption({ label: place });
  if (at) await zoe.page.getByLabel(zoe.say('web-hours-at')).fill(at);
  const answered = zoe.page.waitForResponse((answer) => answer.request().method() === 'POST');
  await zoe.click('button', zoe.say('web-hours-look'));
  await answered;
  await who().waitFor();
  return who().locator('.counts dd').allInnerTexts();
}

test('c7_on_a_holiday_of_the_place_nobody_receives_and_elsewhere_everybody_does', async () => {
  await go(zoe, 'web-hours-editor');
  const noon = `${holiday()}T12:00`;
  assert.deepEqual(await look(zoe.say('web-hours-no-place'), noon), ['3', '0', '0'], noon);
  assert.deepEqual(await look('Métropole', noon), ['0', '0', '3'], noon);
  for (const { name } of Object.values(PEOPLE)) {
    await who().getByRole('listitem').filter({ hasText: `${name} · hors service, reprise` }).waitFor();
  }
  await zoe.check('hours with the holidays of a place');
});

test('c7_on_sunday_at_ten_in_the_evening_only_who_is_on_call_would_be_reached', async () => {
  await go(zoe, 'web-hours-editor');
  const sunday = await zoe.page.getByLabel(zoe.say('web-hours-at')).inputValue();
  assert.match(sunday, /T22:00$/);
  assert.equal(new Date(sunday.slice(0, 10)).getUTCDay(), SUNDAY);
  assert.deepEqual(await look('Métropole'), ['0', '0', '3'], 'nobody is on call');
  await go(zoe, 'web-shifts');
  const [from, until] = [`${sunday.slice(0, 10)} 18:00`, `${sunday.slice(0, 10)} 23:30`];
  const turn = `${PEOPLE.chloe.agent},${from},${until},astreinte,${TEAM},1`;
  await zoe.paste(zoe.say('web-import-content'), `agent,début,fin,type,équipe,rang\n${turn}\n`);
  await zoe.click('button', zoe.say('web-import-look'));
  await zoe.sees(zoe.say('web-import-would'));
  await zoe.click('button', zoe.say('web-shifts-send'));
  await zoe.sees(zoe.say('web-import-done'));
  await go(zoe, 'web-hours-editor');
  assert.deepEqual(await look('Métropole'), ['0', '1', '2']);
  const lines = (await who().getByRole('listitem').allInnerTexts()).map((line) => line.split(' · ').slice(0, 2).join(' · '));
  assert.match(lines.find((line) => line.startsWith(PEOPLE.chloe.name)), /· d’astreinte/);
  for (const { name } of [PEOPLE.amine, PEOPLE.lea]) assert.match(lines.find((line) => line.startsWith(name)), /· hors service/);
});

test('c7_the_holidays_are_in_force_once_a_second_person_has_approved_and_stand_in_the_form', async () => {
  await zoe.click('button', zoe.say('web-hours-propose'));
  await zoe.sees(zoe.say('web-proposal-waits'));
  await ines.open('/me/rules');
  const proposal = ines.find('note').filter({ hasText: WEEK });
  await proposal.waitFor();
  await proposal.getByRole('button', { name: ines.say('web-approve') }).click();
  await ines.sees(ines.say('policy-approved'));
  await zoe.find('note').waitFor({ state: 'detached' });
  await go(zoe, 'web-hours-editor');
  await zoe.page.getByLabel(zoe.say('web-hours-of')).selectOption({ label: TEAM });
  await zoe.click('button', zoe.say('web-hours-standing'));
  const place = zoe.page.getByLabel(zoe.say('web-hours-place'));
  await place.and(zoe.page.locator(':has(option[selected][value=metropole])')).waitFor();
  assert.equal(await place.inputValue(), 'metropole');
});

test('c4_a_ticket_that_has_served_admits_no_other_computer_and_the_audit_tells_of_it', async () => {
  await go(zoe, 'web-import');
  await zoe.paste(zoe.say('web-import-content'), `agent,name,team,platform,model,serial\n5,${PAUL},${TEAM},computer,PC,S5\n`);
  await zoe.click('button', zoe.say('web-import-look'));
  await zoe.click('button', zoe.say('web-import-send'));
  await zoe.sees(zoe.say('web-import-done'));
  await go(zoe, 'web-tickets');
  await zoe.click('button', zoe.say('web-tickets-make'));
  const ticket = await zoe.page.locator('section.ticket').filter({ hasText: PAUL }).locator('.code').innerText();
  const paul = await personAt(await town.desk('paul', { asks: true }));
  await paul.click('link', new RegExp(paul.say('web-begin-join')));
  await giveTicket(paul, ticket);
  await choosePassphrase(paul, 'web-join-now');
  await paul.page.waitForURL('**/waiting');
  const stranger = await personAt(await town.desk('stranger', { asks: true }));
  await stranger.click('link', new RegExp(stranger.say('web-begin-join')));
  await giveTicket(stranger, ticket);
  await stranger.find('alert').getByText(stranger.say('fault-enrolment-used')).waitFor();
  await stranger.leave();
  await zoe.open('/me/audit');
  const refused = zoe.page.locator('li[id^=line-]').filter({ hasText: zoe.say('audit-refused') });
  await refused.filter({ hasText: zoe.say('fault-enrolment-used') }).filter({ hasText: zoe.say('audit-by-stranger') }).first().waitFor();
  await paul.leave();
});

test('c12_the_audit_has_every_line_from_the_first_to_the_last_and_says_who_did_what', async () => {
  const numbers = [];
  await zoe.open('/me/audit');
  const whole = await zoe.find('status').filter({ hasText: 'La chaîne tient' }).innerText();
  const count = Number(/(\d+) lignes, de la première à la dernière/.exec(whole)[1]);
  const said = [];
  for (;;) {
    const lines = zoe.page.locator('li[id^=line-]');
    numbers.push(...(await lines.evaluateAll((items) => items.map((item) => Number(item.id.split('-')[1])))));
    said.push(...(await lines.allInnerTexts()));
    const older = zoe.find('link', zoe.say('web-audit-older'));
    if ((await older.count()) === 0) break;
    await older.click();
    await zoe.page.waitForURL(`**/me/audit?before=${numbers.at(-1)}`);
  }
  assert.deepEqual(numbers, Array.from({ length: count }, (_, at) => count - at));
  for (const [what, by] of [['audit-founded', ''], ['audit-policy-proposed', 'Zoé Martin'], ['audit-policy-approved', 'Inès Petit'],
    ['audit-rota-set', 'Zoé Martin'], ['audit-enrolment-approved', 'Zoé Martin'], ['audit-refused', 'un inconnu']]) {
    assert.ok(said.some((line) => line.includes(zoe.say(what)) && line.includes(by)), `${what} by ${by}`);
  }
});

/** Rows of each of the relay's tables, as the page of what it knows tells them. */
async function rows() {
  await zoe.find('navigation').getByRole('link', { name: zoe.say('web-me') }).click();
  await zoe.click('link', new RegExp(`^${zoe.say('web-register')}`));
  await zoe.find('heading', zoe.say('web-register')).waitFor();
  for (const summary of await zoe.page.locator('details summary').all()) await summary.click();
  const lines = await zoe.page.locator('details li').allInnerTexts();
  return Object.fromEntries(lines.map((line) => {
    const [, table, count] = /^(\w+)\s*:\s*(\d+|aucune) lignes?/.exec(line);
    return [table, count === 'aucune' ? 0 : Number(count)];
  }));
}

test('d3_what_the_relay_says_that_it_knows_agrees_with_what_was_done', async () => {
  const before = await rows();
  for (const id of ['kept-messages-what', 'kept-statements-what', 'kept-groups-what', 'kept-audit-what']) await zoe.sees(zoe.say(id));
  await zoe.open('/admin/devices');
  const listed = await zoe.page.locator('main a[href^="/admin/devices/"]').count();
  assert.deepEqual([before.device, before.entry, before.receipt], [listed, 0, 0], 'five computers, nobody has written');
  assert.equal(listed, 5);
  const [amine, lea] = await Promise.all(['amine', 'lea'].map(async (who) => personAt(await town.desk(who))));
  await inTeam(amine);
  for (const text of ['Un.', 'Deux.', 'Trois.']) {
    await send(amine, text);
    await amine.message(text).getByText(/remis au relais|reçu par|lu par/).waitFor();
  }
  await announce(lea, BARRED, town.moment(60));
  await amine.open('/announcements');
  await announcement(amine, BARRED).getByRole('button', { name: amine.say('action-acknowledge') }).click();
  await announcement(lea, BARRED).getByText(/1 sur 2/).waitFor();
  await go(zoe, 'leave-page');
  await zoe.page.locator('#agent').selectOption({ label: PEOPLE.chloe.name });
  const day = town.moment(3 * 24 * 60).slice(0, 10);
  for (const field of ['leave-first-day', 'leave-last-day']) await zoe.page.getByLabel(zoe.say(field)).fill(day);
  await zoe.click('button', zoe.say('leave-record'));
  await zoe.sees(zoe.say('leave-recorded'));
  const after = await rows();
  const more = (table) => after[table] - before[table];
  // The announcement is an entry too; its text lies once for all teams.
  assert.deepEqual([more('entry'), more('announced'), more('common'), more('receipt')], [4, 1, 1, 1]);
  assert.deepEqual([more('statement'), more('device'), more('call')], [1, 0, 0]);
  const page = await zoe.readable();
  for (const word of ['Un.', BARRED, TEAM, PEOPLE.amine.name]) assert.ok(!page.includes(word), word);
  await zoe.check('what the relay knows after a day’s work');
});
