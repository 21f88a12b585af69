/**
 * What a page says of time, and of what did not leave: a late message moves nothing, a refused one stays
 * where it is, with its reason and what one can do.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { inTeam, inTown, send, state } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const TITLE = 'Déneigement du plateau';
const [TREE, LATE, NEXT_DAY] = ['Arbre tombé sur la ligne.', 'La vanne est fermée.', 'Bien reçu hier soir.'];
const EARLIER = ['La pompe est revenue.', 'La clé est au dépôt.', 'Rendez-vous au lavoir demain.'];
const TODAY = 'aujourd’hui';
const [YESTERDAY, FIRST_TODAY] = ['Le sel est épuisé.', 'Bonjour à tous.'];
const [CALL, LOST] = ['Rendez-vous au dépôt.', 'La lame est cassée, il en faut une autre.'];

/** Minutes since midnight. */
const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

let town;
let lea;
let amine;

inTown(async (built) => {
  town = built;
  await town.goTo('10:00');
  await appointSecond(town);
  await setHours(town, PEOPLE.amine.agent, 'lun-ven 08:00-17:00');
  [lea, amine] = await Promise.all(['lea', 'amine'].map(async (who) => personAt(await town.desk(who))));
});

/** In the conversation that Léa has made, as an agent finds it. */
async function inside(person) {
  await person.open('/conversations');
  await person.click('link', new RegExp(TITLE));
  await person.message(CALL).waitFor();
}

/** Léa moves Amine out of the conversation, or back in. */
async function move(label, button) {
  await lea.open(`${new URL(lea.page.url()).pathname.replace('/settings', '')}/settings`);
  await lea.page.getByLabel(lea.say(label)).selectOption({ label: PEOPLE.amine.name });
  await lea.click('button', lea.say(button));
}

test('a_message_that_the_relay_refuses_stays_in_place_with_its_reason_and_leaves_when_it_may_again', async () => {
  await lea.open('/conversations/new');
  await lea.page.getByLabel(lea.say('gather-name')).fill(TITLE);
  await lea.find('checkbox', PEOPLE.amine.name).check();
  await lea.click('button', lea.say('gather-make'));
  await send(lea, CALL);
  await inside(amine);
  // Amine writes while he does not know yet that he was taken out: his computer is asleep meanwhile.
  const desk = await town.desk('amine');
  await amine.leave();
  await desk.stop();
  await move('gather-leaves', 'gather-remove');
  await town.cut();
  amine = await personAt(await town.desk('amine'));
  await inside(amine);
  await send(amine, LOST);
  await town.restore();
  const refused = amine.message(LOST);
  await refused.getByText(/^refusé\s: /).waitFor();
  await amine.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await refused.getByRole('button', { name: amine.say('web-copy') }).click();
  assert.equal(await amine.page.evaluate(() => navigator.clipboard.readText()), LOST);
  await amine.check('a message that was refused');
  await move('gather-comes', 'gather-add');
  await amine.find('textbox', amine.say('web-message')).waitFor();
  await amine.message(LOST).getByRole('button', { name: amine.say('web-retry') }).click();
  await inside(lea);
  await lea.message(LOST).waitFor();
  await amine.message(LOST).getByText(amine.say('state-handed')).waitFor();
  assert.equal(await amine.message(LOST).count(), 1, 'what was written anew stands for what was refused');
});

test('a_message_that_came_long_after_it_was_written_says_both_times_and_days_are_named', async () => {
  await inTeam(lea);
  await inTeam(amine);
  await town.cut();
  await send(amine, LATE);
  const written = town.moment().slice(11);
  await town.goOn(30);
  await town.restore();
  const times = lea.message(LATE).locator('.when');
  await times.waitFor();
  const [, said, received] = /^écrit (\S+) · reçu (\S+)$/.exec(await times.innerText());
  assert.ok(minutes(said) - minutes(written) <= 0 && minutes(written) - minutes(said) <= 1, `${said}, ${written}`);
  assert.ok(minutes(received) - minutes(said) >= 30, `${said}, ${received}`);
  const days = () => lea.page.locator('#messages .day').allInnerTexts();
  assert.deepEqual(await days(), [TODAY]);
  await town.goTo('09:00');
  await send(lea, NEXT_DAY);
  await lea.message(NEXT_DAY).waitFor();
  await lea.page.reload();
  const [before, ...after] = await days();
  assert.ok(['hier', 'vendredi'].some((day) => before.startsWith(day)), before);
  assert.deepEqual(after, [TODAY]);
});

test('what_was_written_yesterday_and_comes_today_stands_under_today_and_tells_its_day', async () => {
  await town.goTo('14:00');
  await town.cut();
  await inTeam(amine);
  await send(amine, YESTERDAY);
  const desk = await town.desk('amine');
  await amine.leave();
  await desk.stop();
  await town.goTo('09:00');
  await town.restore();
  await inTeam(lea);
  await send(lea, FIRST_TODAY);
  await state(lea, FIRST_TODAY, 'state-handed').waitFor();
  amine = await personAt(await town.desk('amine'));
  const times = lea.message(YESTERDAY).locator('.when');
  await times.waitFor();
  assert.match(await times.innerText(), /^écrit (hier|\S+ \d+ \S+) 14:0\d · reçu 09:0\d$/);
  await send(lea, 'Merci, vu.');
  await lea.message('Merci, vu.').waitFor();
  const lines = await lea.page.locator('#messages > li').evaluateAll((all) => all.map((line) => line.id));
  assert.equal(new Set(lines).size, lines.length);
  assert.deepEqual((await lea.page.locator('#messages .day').allInnerTexts()).filter((day) => day === TODAY), [TODAY]);
  await lea.check('a message of yesterday that came today');
});

test('messages_that_come_before_the_one_that_is_read_are_told_and_move_nothing', async () => {
  // In the evening Amine is called on the page that stays open; in the morning comes what was written before.
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  await town.goTo('16:30');
  const shifts = town.folder('shifts.csv');
  const [from, until] = [town.moment(), town.moment(24 * 60)].map((moment) => moment.replace('T', ' '));
  await writeFile(shifts, `agent,début,fin,type,équipe,rang\n${PEOPLE.amine.agent},${from},${until},astreinte,${TEAM},1\n`);
  await town.run('admin', 'admin', 'shifts', shifts);
  await inTeam(amine);
  await amine.page.locator('#standing').filter({ hasText: /^en service/ }).waitFor();
  await town.goTo('21:00');
  for (const text of EARLIER) await town.write('chloe', text);
  await lea.open('/conversations');
  await inTeam(lea);
  await lea.message(EARLIER.at(-1)).waitFor();
  await lea.click('link', lea.say('web-urgent'));
  await lea.paste(lea.say('web-message'), TREE);
  await lea.page.getByRole('radio').first().check();
  await lea.paste(lea.say('web-urgent-reason'), 'Sécurité des personnes.');
  await lea.page.getByLabel(lea.say('web-urgent-until')).fill(town.moment(120));
  await lea.click('button', lea.say('web-urgent-check'));
  await lea.click('button', lea.say('web-urgent-send'));
  const urgent = amine.message(TREE);
  await urgent.waitFor();
  assert.equal(await amine.message(EARLIER[0]).count(), 0, 'off duty only what is urgent comes');
  await amine.page.setViewportSize({ width: 360, height: 400 });
  await urgent.scrollIntoViewIfNeeded();
  const seen = await urgent.boundingBox();
  await town.goTo('08:00');
  const told = amine.page.locator('.jump');
  await told.getByText(`${EARLIER.length} messages plus anciens arrivés`).waitFor();
  const still = await urgent.boundingBox();
  assert.ok(Math.abs(seen.y - still.y) <= 2, `what is read moved from ${seen.y} to ${still.y}`);
  await amine.check('older messages that have come');
  assert.match(await amine.message(EARLIER[0]).locator('.when').innerText(), /^écrit 21:0\d · remis aujourd’hui 08:0\d$/);
  await told.click();
  await amine.message(EARLIER[0]).waitFor({ state: 'visible' });
  assert.ok((await amine.message(EARLIER[0]).boundingBox()).y >= 0, 'it leads to the first of them');
  assert.equal(await told.count(), 0, 'they are seen');

  // Whoever reads above is told of all that came below, until they are there.
  await town.write('chloe', 'Je prends la saleuse.');
  await told.getByText('1 nouveau message').waitFor();
  await town.write('chloe', 'Et je passe par la rue Haute.');
  await told.getByText('2 nouveaux messages').waitFor();
  assert.equal(await told.count(), 1);
  await told.click();
  await told.waitFor({ state: 'detached' });
  const first = await amine.message('Je prends la saleuse.').boundingBox();
  assert.ok(first.y >= 0 && first.y < 400, 'it leads to the first of them');
});

test('a_computer_whose_clock_is_wrong_is_told_so_and_shows_the_relays_time', async () => {
  const chloe = await personAt(await town.deskAhead('chloe', 10));
  await chloe.open('/conversations');
  await chloe.sees(/^L’horloge de cet ordinateur est fausse\./);
  const told = await chloe.page.locator('#warnings').innerText();
  const shown = /il est (\S+?)\./.exec(told)[1];
  assert.ok(Math.abs(minutes(shown) - minutes(town.moment().slice(11))) <= 1, told);
  await chloe.check('a wrong clock');
});
