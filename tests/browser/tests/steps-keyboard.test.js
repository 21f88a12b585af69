/**
 * Without any pointer: a consigne is announced and acknowledged, an urgency declared, a device admitted and hours are
 * proposed, with Tab, Shift+Tab, Enter, Space, arrows and typing alone.
 *
 * The focus is seen wherever it comes to, goes forward through the page as one reads it, and what is done is said where
 * screen readers hear it. One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond } from '../world/hours.js';
import { inTown } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const BARRED = 'Route de Vaux barrée lundi.';
const TREE = 'Arbre tombé sur la ligne.';
const PAUL = { agent: 5, name: 'Paul Roux', serial: 'S5' };
const WEEK = 'lun-ven 08:00-12:00 13:30-17:00';

let town;
let lea;
let amine;
let zoe;

inTown(async (built) => {
  town = built;
  await appointSecond(town);
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  const file = town.folder('paul.csv');
  await writeFile(file, `agent,name,team,platform,model,serial\n${PAUL.agent},${PAUL.name},${TEAM},computer,PC,${PAUL.serial}\n`);
  await town.run('admin', 'admin', 'import', file);
  const [{ ticket }] = await town.run('admin', 'admin', 'ticket', String(PAUL.agent));
  await town.run('paul', 'enrol', ticket);
  [lea, amine, zoe] = await Promise.all(['lea', 'amine', 'admin'].map(async (who) => personAt(await town.desk(who))));
});

/** Nobody has a pointer here: a press or a movement of one fails. */
function handsOff(person) {
  return person.page.addInitScript(() => {
    for (const kind of ['pointerdown', 'mousedown', 'touchstart']) {
      addEventListener(kind, () => { throw new Error(`a pointer was used: ${kind}`); }, true);
    }
  });
}

/** Follows a link, or presses a button. */
async function go(person, role, name) {
  await person.tabTo(role, name);
  await person.press('Enter');
}

/** Goes to a place by the links above the page. */
async function place(person, id) {
  await reach(person, person.find('navigation').getByRole('link', { name: new RegExp(`^${person.say(id)}`) }));
  await person.press('Enter');
}

/** Comes to a thing by the Tab key. */
async function reach(person, target) {
  for (let presses = 0; presses < 100; presses += 1) {
    await person.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`the Tab key does not come to ${target}`);
}

/** Types a date and time, part by part; browsers have the parts in the order of their own language. */
async function typeMoment(person, name, local) {
  const field = person.page.getByLabel(name);
  const [, year, month, day, hour, minute] = /(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(local);
  const twelve = String(Number(hour) % 12 || 12).padStart(2, '0');
  for (const [date, time] of [[month + day, `${twelve}${minute}${hour < 12 ? 'A' : 'P'}`], [day + month, hour + minute]]) {
    await reach(person, field);
    await person.page.keyboard.type(date + year);
    // A year has room for six digits: the arrow leads on.
    await person.press('ArrowRight');
    await person.page.keyboard.type(time);
    if ((await field.inputValue()) === local) return;
    while (await field.evaluate((element) => element === document.activeElement)) await person.press('Shift+Tab');
  }
  assert.equal(await field.inputValue(), local);
}

/** Every stop of the Tab key in the content of the page, in the order of the keys, stands where it is read. */
async function inOrder(person, screen) {
  const main = person.find('main');
  await main.focus();
  const places = [];
  for (let presses = 0; presses < 80; presses += 1) {
    await person.press('Tab');
    const place = await person.page.evaluate(() => {
      const element = document.activeElement;
      if (!element || !element.closest('main') || element.tagName === 'MAIN') return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      // The button in a field for dates is the browser's, and has a ring of its own.
      const within = element.type === 'datetime-local' && !element.matches(':focus');
      const { top, left, height } = element.getBoundingClientRect();
      const order = [...document.querySelectorAll('main *')].indexOf(element);
      const seen = within || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1);
      return { name: element.outerHTML.slice(0, 60), seen, top: top + scrollY, left, height, order };
    });
    if (!place) break;
    places.push(place);
  }
  assert.ok(places.length > 1, `${screen}: ${places.length} stops`);
  assert.deepEqual(places.filter(({ seen }) => !seen).map(({ name }) => name), [], `${screen}: the focus is not seen`);
  for (const [at, place] of places.entries()) {
    const before = places[at - 1];
    if (!before || before.order === place.order) continue;
    assert.ok(place.order > before.order, `${screen}: ${place.name} after ${before.name}`);
    const beside = Math.abs(place.top - before.top) < before.height && place.left > before.left;
    assert.ok(beside || place.top >= before.top + before.height / 2, `${screen}: ${place.name} is read before ${before.name}`);
  }
}

/** What a screen reader is told of what was just done: a region of status or an alert with this text. */
const told = (person, role, words) => person.find(role).filter({ hasText: words }).first();

test('a_consigne_is_announced_with_a_choice_of_teams_a_deadline_and_a_look_at_who_receives_it', async () => {
  for (const person of [lea, amine, zoe]) await handsOff(person);
  await lea.open('/conversations');
  await place(lea, 'web-announcements');
  await go(lea, 'link', lea.say('web-announce'));
  await lea.find('textbox', lea.say('web-announcement-text')).waitFor();
  await inOrder(lea, 'announcing');
  await lea.page.reload();
  const team = await lea.tabTo('checkbox', TEAM);
  if (!(await team.isChecked())) await lea.press('Space');
  assert.ok(await team.isChecked());
  await lea.tabTo('textbox', lea.say('web-announcement-text'));
  await lea.page.keyboard.type(BARRED);
  await typeMoment(lea, lea.say('web-due'), town.moment(120));
  const issuer = await lea.tabTo('radio', lea.say('web-replies-issuer'));
  await lea.press('ArrowDown');
  assert.equal(await issuer.isChecked(), false);
  await lea.press('ArrowUp');
  assert.ok(await issuer.isChecked());
  await go(lea, 'button', lea.say('web-preview'));
  await told(lea, 'status', lea.say('web-preview-title')).waitFor();
  await go(lea, 'button', lea.say('web-announce-now'));
  await told(lea, 'status', lea.say('web-announced')).waitFor();
});

test('it_is_acknowledged_and_that_is_said_aloud', async () => {
  await place(amine, 'web-announcements');
  await amine.sees(BARRED);
  await inOrder(amine, 'announcements');
  await go(amine, 'button', amine.say('action-acknowledge'));
  await told(amine, 'status', amine.say('web-acknowledged')).waitFor();
  await amine.find('button', amine.say('action-acknowledge')).waitFor({ state: 'detached' });
});

test('an_urgency_is_looked_at_and_sent_and_whoever_reads_the_conversation_is_told_of_a_new_message', async () => {
  await place(amine, 'web-conversations');
  await go(amine, 'link', new RegExp(TEAM));
  await amine.find('textbox', amine.say('web-message')).waitFor();
  await place(lea, 'web-conversations');
  await go(lea, 'link', new RegExp(TEAM));
  await go(lea, 'link', lea.say('web-urgent'));
  await lea.find('textbox', lea.say('web-urgent-reason')).waitFor();
  await inOrder(lea, 'an urgency');
  await lea.page.reload();
  await lea.tabTo('textbox', lea.say('web-message'));
  await lea.page.keyboard.type(TREE);
  await reach(lea, lea.page.getByRole('radio').first());
  await lea.press('Space');
  assert.ok(await lea.page.getByRole('radio').first().isChecked());
  await lea.tabTo('textbox', lea.say('web-urgent-reason'));
  await lea.page.keyboard.type('Sécurité des personnes.');
  await typeMoment(lea, lea.say('web-urgent-until'), town.moment(60));
  await go(lea, 'button', lea.say('web-urgent-check'));
  const preview = told(lea, 'status', lea.say('web-preview-title'));
  await preview.getByText(PEOPLE.amine.name).first().waitFor();
  await go(lea, 'button', lea.say('web-urgent-send'));
  await told(lea, 'status', lea.say('web-urgent-written')).waitFor();
  await amine.message(TREE).waitFor();
  await amine.page.locator('#live[role=status]').filter({ hasText: amine.say('web-newer-one') }).waitFor({ state: 'attached' });
});

test('a_device_that_waits_is_admitted', async () => {
  await place(zoe, 'web-administration');
  await go(zoe, 'link', new RegExp(`^${zoe.say('web-approvals')}`));
  await zoe.sees(PAUL.name);
  await inOrder(zoe, 'approvals');
  await go(zoe, 'button', zoe.say('web-approve-same'));
  await told(zoe, 'status', '1 appareil approuvé.').waitFor();
  await zoe.sees(zoe.say('web-approvals-none'));
});

test('hours_are_judged_and_proposed', async () => {
  await place(zoe, 'web-administration');
  await go(zoe, 'link', new RegExp(`^${zoe.say('web-hours-editor')}`));
  await zoe.find('textbox', zoe.say('web-hours-week')).waitFor();
  await inOrder(zoe, 'hours');
  await zoe.page.reload();
  const whose = await zoe.tabTo('combobox', zoe.say('web-hours-for'));
  await zoe.page.keyboard.type(TEAM);
  assert.equal(await whose.evaluate((select) => select.selectedOptions[0].textContent), TEAM);
  await zoe.tabTo('textbox', zoe.say('web-hours-week'));
  await zoe.press('Control+a');
  await zoe.page.keyboard.type('lun-dim 06:00-23:00');
  await go(zoe, 'button', zoe.say('web-hours-look'));
  await told(zoe, 'alert', zoe.say('web-verdict-refuse')).waitFor();
  await zoe.tabTo('textbox', zoe.say('web-hours-week'));
  await zoe.press('Control+a');
  await zoe.page.keyboard.type(WEEK);
  await go(zoe, 'button', zoe.say('web-hours-look'));
  await told(zoe, 'status', zoe.say('web-verdict-fine')).waitFor();
  await go(zoe, 'button', zoe.say('web-hours-propose'));
  await told(zoe, 'status', zoe.say('web-proposal-waits')).waitFor();
  await zoe.find('note').filter({ hasText: WEEK }).waitFor();
  for (const person of [lea, amine, zoe]) assert.deepEqual(person.complaints(), [], 'nor was a pointer used');
});
