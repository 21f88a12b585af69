/**
 * An administrator lists, admits, refuses and cuts off devices, by the screens (scenarios C2, C3, C4, C8, C9).
 *
 * One story: each test begins where the one before ended. What a new computer itself does, its enrolment, is
 * the command line's.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const SAID = 'Vanne fermée rue des Lilas.';
/** Lines 2 and 5 are good: Amine's second computer, and one for somebody new. */
const INVENTORY = `agent;nom;équipe;plateforme;modèle;numéro de série
${PEOPLE.amine.agent};${PEOPLE.amine.name};${TEAM};computer;Portable;S33
x;Sans numéro;${TEAM};computer;Portable;S34
6;Sans modèle;${TEAM};computer;;S35
5;Paul Roux;${TEAM};computer;Portable;S5
`;

let town;
let admin;
const tickets = {};

before(async () => {
  town = await Town.build();
  await town.write('chloe', SAID);
  admin = await personAt(await town.desk('admin'), { width: 1280 });
  // It gives what was said to the computers that come later.
  await personAt(await town.desk('amine'));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** To a place of the administration. */
async function go(id) {
  await admin.find('navigation').getByRole('link', { name: admin.say('web-administration') }).click();
  await admin.page.locator('.doors a').filter({ has: admin.page.getByText(admin.say(id), { exact: true }) }).click();
}

/** A device that waits, on the page. */
const waiting = (name) => admin.page.locator('section.card').filter({ hasText: name });

/** Lines of the inventory in which this is found. */
async function look(words) {
  await go('web-devices');
  await admin.find('searchbox').fill(words);
  await admin.press('Enter');
  await admin.page.waitForURL(/[?&]q=/);
  return admin.page.locator('.doors li');
}

test('a_file_whose_first_line_lacks_a_column_is_told_which_by_its_french_name', async () => {
  await go('web-import');
  await admin.paste(admin.say('web-import-content'), 'agent;plateforme\n2;computer\n');
  await admin.click('button', admin.say('web-import-look'));
  await admin.find('alert').getByText(/en double\s: modèle, numéro de série/).waitFor();
});

test('c2_of_a_file_bad_lines_are_listed_by_their_number_and_the_good_ones_are_kept', async () => {
  await go('web-import');
  await admin.paste(admin.say('web-import-content'), INVENTORY);
  await admin.click('button', admin.say('web-import-look'));
  await admin.sees(admin.say('web-import-would'));
  assert.deepEqual(await admin.page.getByRole('rowheader').allInnerTexts(), ['3', '4']);
  await admin.click('button', admin.say('web-import-send'));
  await admin.sees(admin.say('web-import-done'));
  assert.deepEqual(await admin.page.getByRole('rowheader').allInnerTexts(), ['3', '4']);
  await admin.check('an import with bad lines');
});

test('a_line_of_the_inventory_is_found_before_it_has_a_device_by_its_serial_number_and_its_team', async () => {
  for (const words of ['S5', `roux ${TEAM}`]) {
    const found = await look(words);
    await found.getByText(admin.say('stock-no-ticket')).waitFor();
    assert.deepEqual(await found.locator('strong').allInnerTexts(), ['Paul Roux']);
  }
  await admin.check('devices that are listed and not enrolled');
  // It leads to its ticket.
  await admin.page.locator('.doors a').click();
  assert.deepEqual(await ticked(), ['Paul Roux · Portable · S5']);
});

/** What tickets would be made for. */
const ticked = () => admin.page.locator('label.choice:has(input:checked) span').allInnerTexts();

test('c3_each_device_that_lacks_has_a_ticket_of_its_own_and_waits_with_its_fingerprint', async () => {
  await go('web-tickets');
  assert.equal(await admin.find('checkbox').count(), 2);
  await admin.click('button', admin.say('web-tickets-make'));
  for (const name of [PEOPLE.amine.name, 'Paul Roux']) {
    const card = admin.page.locator('section.ticket').filter({ hasText: name });
    tickets[name] = await card.locator('.code').innerText();
    await card.getByRole('img').waitFor();
  }
  const codes = () => admin.page.locator('section.ticket .code').allInnerTexts();
  const [made, again] = [await codes(), (await admin.page.reload(), await codes())];
  assert.deepEqual(again, made, 'a sheet that is loaded again has the same tickets');
  await go('web-tickets');
  await admin.sees(/ticket fait, valable jusqu’à/);
  assert.deepEqual(await ticked(), []);
  await admin.check('lines that have a ticket');
  // Whoever waits is shown while the page is open.
  await go('web-approvals');
  await admin.sees(admin.say('web-approvals-none'));
  const [enrolled] = await town.run('second', 'enrol', tickets[PEOPLE.amine.name]);
  const shown = waiting(PEOPLE.amine.name);
  assert.equal(await shown.locator('.fingerprint').innerText(), enrolled.fingerprint);
  await shown.getByText('Portable').waitFor();
});

test('c4_a_computer_that_took_somebodys_ticket_is_refused_by_its_fingerprint_and_never_gets_in', async () => {
  await town.run('stranger', 'enrol', tickets['Paul Roux']);
  await admin.open('/admin');
  await admin.find('link', /2 appareils attendent/).click();
  // In another window it is decided meanwhile.
  const refuse = () => waiting('Paul Roux').getByRole('button', { name: admin.say('web-refuse-device') });
  await refuse().focus();
  const window = await personAt(await town.desk('admin'));
  await window.open('/admin/approvals');
  await window.page.locator('section.card').filter({ hasText: 'Paul Roux' }).getByRole('button', { name: window.say('web-refuse-device') }).click();
  await window.sees(window.say('web-device-refused'));
  await window.leave();
  await refuse().click();
  await admin.sees(admin.say('web-approvals-decided'));
  assert.equal(await waiting('Paul Roux').count(), 0);
  await assert.rejects(town.run('other', 'enrol', tickets['Paul Roux']), 'the ticket is worth nothing any more');
  const stranger = await personAt(await town.desk('stranger'));
  await stranger.sees(stranger.say('web-waiting-refused-why'));
  assert.ok(!(await stranger.readable()).includes(TEAM));
  await stranger.check('the desk of a device that is not admitted');
  await stranger.leave();
});

test('c9_a_new_computer_has_its_agents_conversations_once_it_is_approved', async () => {
  await admin.open('/admin/approvals');
  await waiting(PEOPLE.amine.name).getByRole('button', { name: admin.say('web-approve-same') }).click();
  await admin.sees(admin.say('web-approvals-none'));
  const second = await personAt(await town.desk('second'));
  await second.click('link', new RegExp(TEAM));
  await second.message(SAID).waitFor();
  await second.leave();
});

test('c8_a_lost_computer_is_cut_off_at_once_and_the_administrator_sees_that_its_content_is_gone', async () => {
  const second = await personAt(await town.desk('second'));
  await second.click('link', new RegExp(TEAM));
  await look('S33');
  await admin.page.locator('main a[href^="/admin/devices/"]').click();
  await admin.page.getByRole('radio', { name: admin.say('web-reason-lost') }).check();
  await admin.click('button', admin.say('web-cut-off-now'));
  await admin.sees(admin.say('desk-revoked'));
  // Its open page goes, by itself.
  await second.sees(/a été effacé/);
  assert.equal(await second.message(SAID).count(), 0);
  await second.check('the desk of a device that was cut off');
  await second.open('/conversations');
  await second.sees(/a été effacé/);
  await admin.page.reload();
  await admin.sees(/^effacé le /);
  await admin.check('a device that was cut off');
});

test('a_lost_computer_is_offered_no_ticket_unasked_and_its_page_says_what_comes_next', async () => {
  await admin.click('link', admin.say('web-device-successor-import'));
  await go('web-tickets');
  await admin.page.getByRole('checkbox', { name: /S33 · perdu ou volé le/ }).waitFor();
  assert.deepEqual(await ticked(), ['Paul Roux · Portable · S5 · appareil refusé']);
  await admin.check('tickets, with a device that was lost');
  const found = await look('S33');
  await found.getByText(/^perdu ou volé le/).waitFor();
});

/** Cuts off the computer on this page. */
async function cutOff(reason) {
  await admin.page.getByRole('radio', { name: admin.say(reason) }).check();
  await admin.click('button', admin.say('web-cut-off-now'));
  await admin.sees(admin.say('desk-revoked'));
}

/** Imports a file by the page. */
async function bring(lines) {
  await go('web-import');
  await admin.paste(admin.say('web-import-content'), `agent;nom;équipe;plateforme;modèle;numéro de série\n${lines.join('\n')}\n`);
  await admin.click('button', admin.say('web-import-look'));
  await admin.click('button', admin.say('web-import-send'));
  await admin.sees(admin.say('web-import-done'));
}

test('a_replaced_computer_leads_to_the_ticket_of_the_one_that_takes_its_place', async () => {
  const { agent, name } = PEOPLE.amine;
  await bring([`${agent};${name};${TEAM};computer;Portable;S36`]);
  await (await look(`${name} S${agent}`)).filter({ hasText: /en service/ }).getByRole('link').click();
  await cutOff('web-reason-replaced');
  await admin.check('a device that was replaced');
  await admin.find('link', /série S36$/).click();
  assert.deepEqual(await ticked(), [`${name} · Portable · S36`]);
});

test('a_suspended_computers_page_says_that_it_cannot_be_lifted_and_what_to_do', async () => {
  await (await look(PEOPLE.chloe.name)).getByRole('link').click();
  await cutOff('web-reason-suspended');
  await admin.sees(admin.say('web-device-suspended-next'));
  await admin.check('a device that was suspended');
  await admin.click('link', admin.say('web-device-again-ticket'));
  const [only, ...others] = await ticked();
  assert.match(only, /Chloé.* · suspendu le .* · sans ticket$/);
  assert.deepEqual(others, []);
});

test('of_three_hundred_lines_each_page_shows_a_hundred_and_stays_light', async () => {
  const lines = Array.from({ length: 300 }, (_, at) => `${1000 + at};Agent Numéro ${1000 + at};${TEAM};computer;Portable;T${1000 + at}`);
  await bring(lines);
  const found = await look('Numéro');
  await admin.sees(/300 appareils · page 1 sur 3/);
  await admin.click('button', admin.say('web-devices-after'));
  await admin.sees(/page 2 sur 3/);
  assert.equal(await found.count(), 100);
  assert.match(await found.first().innerText(), /Numéro 1100/);
  await admin.check('the second page of devices');
  const light = async () => assert.ok((await admin.page.content()).length < 100_000, admin.page.url());
  await light();
  await go('web-tickets');
  await light();
  assert.equal((await ticked()).length, 100);
});

test('without_the_relay_the_pages_show_what_is_known_and_a_decision_says_that_nothing_was_done', async () => {
  const found = await look('S33');
  await town.cut();
  await admin.open('/admin/approvals');
  await admin.sees(admin.say('web-approvals-unreachable'));
  await admin.check('approvals without the relay');
  await admin.open('/admin/devices?q=S33');
  await admin.sees(admin.say('web-contacts-unknown'));
  await found.getByText(/^perdu ou volé le/).waitFor();
  await (await look('S5')).getByRole('link').click();
  assert.deepEqual(await ticked(), ['Paul Roux · Portable · S5 · appareil refusé']);
  await admin.click('button', admin.say('web-tickets-make'));
  await admin.find('alert').getByText(/^Rien n’a été fait/).waitFor();
  await admin.page.getByRole('checkbox', { name: /S5 · appareil refusé/ }).waitFor();
  await town.restore();
});
