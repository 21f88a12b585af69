/**
 * The administrator's computer is lost: an empty one comes back from the recovery sheet, by the screens.
 *
 * One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { checkHere, choosePassphrase, copySheet } from '../world/beginner.js';
import { personAt } from '../world/browser.js';
import { inTeam, inTown, send } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const SAID = 'La mairie a un nouvel ordinateur.';

let town;
let zoe;

inTown(async (built) => {
  town = built;
  zoe = await personAt(await town.desk('new', { asks: true }));
});

const keys = async () => (await readdir(town.folder('new')).catch(() => [])).filter((name) => name.startsWith('keys'));

/** On paper each word has its number; somebody types them without their accents. */
const typed = () => town.sheet.words.map((word, at) => `${at + 1}. ${word.normalize('NFD').replaceAll(/\p{M}/gu, '')}`);

test('what_is_wrong_with_the_sheet_is_said_word_by_word_and_nothing_typed_is_lost', async () => {
  await zoe.click('link', new RegExp(zoe.say('web-begin-recover')));
  await zoe.sees('Étape 1 sur 3');
  const { relay } = town.sheet;
  await copySheet(zoe, { words: typed().slice(1).join('\n'), relay });
  await zoe.sees(/Il y a 23 mots/);
  const spoilt = typed().with(6, '7. autrruche').join('\n');
  await copySheet(zoe, { words: spoilt, relay: town.firstTicket.slice(0, -9) });
  await zoe.sees(/leurs numéros\s: 7\./);
  await zoe.sees(zoe.say('fault-enrolment-invalid'));
  assert.equal(await zoe.find('textbox', zoe.say('web-recover-words')).inputValue(), spoilt);
  await checkHere(zoe, 'recover-wrong');
  const swapped = [...typed().slice(0, 22), ...typed().slice(22).reverse()].join(' ');
  await copySheet(zoe, { words: swapped, relay });
  await zoe.sees(zoe.say('desk-sheet-together'));
  assert.deepEqual(await keys(), []);
});

test('without_the_relay_nothing_is_begun_and_the_sheet_need_not_be_typed_again', async () => {
  await town.cut();
  await copySheet(zoe, { words: typed().join('\n'), relay: town.sheet.relay });
  await zoe.sees(zoe.say('web-begin-unreachable-advice'));
  await town.restore();
  await zoe.click('button', zoe.say('web-next'));
  await zoe.sees('Étape 2 sur 3');
  await checkHere(zoe, 'recover-passphrase');
  assert.deepEqual(await keys(), []);
});

test('with_a_passphrase_it_administers_again_and_is_told_what_is_left_to_do', async () => {
  await choosePassphrase(zoe, 'web-recover-now');
  await zoe.page.waitForURL('**/admin/recovered');
  await zoe.sees('Étape 3 sur 3');
  assert.deepEqual(await keys(), ['keys']);
  await zoe.find('link', /Zoé Martin/).waitFor();
  await zoe.sees(zoe.say('web-recovered-inventory-what'));
  await checkHere(zoe, 'recovered');
  for (const path of ['/begin', '/begin/recover', '/begin/recover/passphrase']) {
    await zoe.open(path);
    assert.ok(!new URL(zoe.page.url()).pathname.startsWith('/begin'), path);
  }
});

test('the_lost_computer_is_cut_off_and_everybody_keeps_their_name', async () => {
  await zoe.open('/admin/recovered');
  await zoe.click('link', /Zoé Martin/);
  await zoe.page.getByRole('radio', { name: zoe.say('web-reason-lost') }).check();
  await zoe.click('button', zoe.say('web-cut-off-now'));
  await zoe.sees(zoe.say('desk-revoked'));
  await zoe.open('/admin/recovered');
  await zoe.sees(zoe.say('web-recovered-lost-none'));
  const lost = await personAt(await town.desk('admin'));
  await lost.sees(/a été effacé/);
  await lost.leave();
  await zoe.open('/admin/devices');
  for (const { name } of Object.values(PEOPLE)) await zoe.sees(name);
});

test('the_inventory_is_imported_again_and_nobody_needs_another_ticket', async () => {
  await zoe.open('/admin/recovered');
  await zoe.click('link', zoe.say('web-import'));
  await zoe.paste(zoe.say('web-import-content'), await readFile(town.folder('inventory.csv'), 'utf8'));
  await zoe.click('button', zoe.say('web-import-look'));
  await zoe.click('button', zoe.say('web-import-send'));
  await zoe.sees(zoe.say('web-import-done'));
  await zoe.open('/admin/tickets');
  await zoe.sees(zoe.say('web-tickets-none'));
  await zoe.open('/admin/recovered');
  await zoe.sees(zoe.say('web-recovered-inventory-done'));
  assert.equal(await zoe.page.locator('.steps .done').count(), 3);
});

test('in_the_team_that_there_was_the_new_computer_writes_to_those_who_know_it_by_name', async () => {
  await zoe.click('link', zoe.say('web-teams-all'));
  await zoe.click('link', new RegExp(TEAM));
  await zoe.page.getByLabel(zoe.say('web-team-who-comes')).selectOption({ label: 'Zoé Martin' });
  await zoe.click('button', zoe.say('web-team-add-now'));
  await zoe.sees('Zoé Martin');
  // Somebody with the team's keys admits it.
  const amine = await personAt(await town.desk('amine'));
  await inTeam(zoe);
  await send(zoe, SAID);
  await inTeam(amine);
  await amine.message(SAID).waitFor();
  await amine.page.locator('.message').filter({ hasText: SAID }).locator('.author', { hasText: 'Zoé Martin' }).waitFor();
  await amine.leave();
});
