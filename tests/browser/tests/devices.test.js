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

test('c3_each_device_that_lacks_has_a_ticket_of_its_own_and_waits_with_its_fingerprint', async () => {
  await go('web-tickets');
  assert.equal(await admin.find('checkbox').count(), 2);
  await admin.click('button', admin.say('web-tickets-make'));
  for (const name of [PEOPLE.amine.name, 'Paul Roux']) {
    const card = admin.page.locator('section.ticket').filter({ hasText: name });
    tickets[name] = await card.locator('.code').innerText();
    await card.getByRole('img').waitFor();
  }
  const [enrolled] = await town.run('second', 'enrol', tickets[PEOPLE.amine.name]);
  await go('web-approvals');
  const shown = waiting(PEOPLE.amine.name);
  assert.equal(await shown.locator('.fingerprint').innerText(), enrolled.fingerprint);
  await shown.getByText('Portable').waitFor();
});

test('c4_a_computer_that_took_somebodys_ticket_is_refused_by_its_fingerprint_and_never_gets_in', async () => {
  await town.run('stranger', 'enrol', tickets['Paul Roux']);
  await admin.open('/admin/approvals');
  await waiting('Paul Roux').getByRole('button', { name: admin.say('web-refuse-device') }).click();
  await admin.sees(admin.say('web-device-refused'));
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
  await go('web-devices');
  await admin.find('searchbox').fill('S33');
  await admin.press('Enter');
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
