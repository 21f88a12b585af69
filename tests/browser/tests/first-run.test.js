/**
 * The first run in the browser: from an empty folder to an organisation with a team and a ticket, and from that
 * ticket to a colleague who writes (scenario C1).
 *
 * One story: each test begins where the one before ended. The colleague uses the keyboard alone.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { askedWords, checkHere, choosePassphrase, openNow, readSheet, sayOrganisation, typeWords } from '../world/beginner.js';
import { closeBrowser, personAt } from '../world/browser.js';
import { get } from '../world/raw-http.js';
import { PASSPHRASE, Town } from '../world/town.js';

const ORGANISATION = { name: 'Commune de Vaux-sur-Œil', administrator: 'Zoé Martin' };
const TEAM = 'Services techniques';
const COLLEAGUE = 'Amine Kaci';
/** A name as nobody has it; it is text wherever it is shown. */
const HOSTILE = 'Chloé <b onclick=alert(1)>"\'& Ñuñez</b>';
const HELLO = 'Bonjour, la mairie est là.';
const ANSWER = 'Bien reçu, bonjour !';

let town;
let zoe;
let amine;
let words;
let ticket;

before(async () => {
  town = await Town.empty();
  zoe = await personAt(await town.desk('mairie', { asks: true }));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

const keys = async (who) => (await readdir(town.folder(who)).catch(() => [])).filter((name) => name.startsWith('keys'));

test('an_empty_folder_opens_on_two_choices_in_plain_words', async () => {
  await zoe.find('heading', zoe.say('web-begin')).waitFor();
  await zoe.find('link', new RegExp(zoe.say('web-begin-join'))).waitFor();
  await zoe.click('link', new RegExp(zoe.say('web-begin-create')));
  await zoe.sees('Étape 1 sur 5');
  assert.equal(await zoe.page.getByLabel(zoe.say('web-first-place')).inputValue(), 'metropole');
});

test('what_is_wrong_with_the_organisation_is_said_beside_it_and_nothing_typed_is_lost', async () => {
  const spoilt = town.firstTicket.slice(0, -7);
  await sayOrganisation(zoe, { ...ORGANISATION, ticket: spoilt, week: 'tous les matins' });
  await zoe.sees(zoe.say('fault-enrolment-invalid'));
  await zoe.sees(zoe.say('web-week-unread'));
  assert.equal(await zoe.find('textbox', zoe.say('web-create-name')).inputValue(), ORGANISATION.name);
  assert.equal(await zoe.find('textbox', zoe.say('web-create-ticket')).inputValue(), spoilt);
  assert.equal(await zoe.find('textbox', zoe.say('web-hours-week')).inputValue(), 'tous les matins');
  await checkHere(zoe, 'begin-create-wrong');
});

test('without_the_relay_it_is_said_before_anybody_copies_a_word', async () => {
  await town.cut();
  await sayOrganisation(zoe, { ...ORGANISATION, ticket: town.firstTicket, week: openNow() });
  await zoe.sees(zoe.say('web-begin-unreachable-advice'));
  assert.equal(await zoe.find('textbox', zoe.say('web-create-ticket')).inputValue(), town.firstTicket);
  await town.restore();
});

test('a_passphrase_that_is_short_simple_or_unequal_is_told_as_such', async () => {
  // As a letter breaks it.
  const broken = town.firstTicket.replaceAll(/.{40}/g, '$& \r\n  ');
  await sayOrganisation(zoe, { ...ORGANISATION, ticket: broken, week: openNow() });
  await zoe.sees('Étape 2 sur 5');
  await zoe.sees(zoe.say('web-passphrase-what'));
  for (const [phrases, told] of [
    [['court', 'court'], 'web-passphrase-short'],
    [['azertyuiopqsdfghjklm', 'azertyuiopqsdfghjklm'], 'web-passphrase-simple'],
    [[PASSPHRASE, `${PASSPHRASE} `], 'web-passphrase-unequal'],
  ]) {
    await choosePassphrase(zoe, 'web-next', phrases);
    await zoe.sees(zoe.say(told));
    assert.equal(await zoe.page.getByLabel(zoe.say('web-passphrase-new')).inputValue(), '', 'it is never sent back');
  }
  await zoe.check('a passphrase that is not taken');
});

test('the_recovery_sheet_is_shown_kept_by_no_cache_and_found_again_when_the_browser_was_closed', async () => {
  await choosePassphrase(zoe, 'web-next');
  await zoe.sees('Étape 3 sur 5');
  words = await readSheet(zoe);
  assert.equal(words.size, 24);
  await checkHere(zoe, 'sheet');
  const desk = await town.desk('mairie');
  const answer = await get(`${desk.origin}/begin/create/sheet`, { cookie: (await desk.cookies()).join('; ') });
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(await keys('mairie'), [], 'nothing is on the disk');
  await zoe.leave();
  zoe = await personAt(desk);
  await zoe.sees('Étape 3 sur 5');
  assert.deepEqual(await readSheet(zoe), words);
});

test('the_sheet_on_paper_says_what_it_is_for_and_leaves_the_buttons_out', async () => {
  await zoe.page.emulateMedia({ media: 'print' });
  await zoe.sees(/dans un coffre, sous enveloppe fermée/);
  assert.ok(!(await zoe.find('link', zoe.say('web-sheet-have')).isVisible()));
  await zoe.page.emulateMedia({ media: 'screen' });
});

test('a_wrong_word_is_told_by_its_number_and_the_others_stay', async () => {
  await zoe.click('link', zoe.say('web-sheet-have'));
  const [first, second, third] = await askedWords(zoe);
  // As a keyboard writes it: é is one sign there.
  await first.field.fill(words.get(first.place).normalize('NFC').toUpperCase());
  await second.field.fill('autruche');
  await third.field.fill(words.get(third.place));
  await zoe.click('button', zoe.say('web-check-now'));
  await zoe.sees(new RegExp(`pas le mot numéro ${second.place}\\.`));
  assert.equal(await zoe.page.locator('.fault').count(), 1);
  assert.equal(await (await askedWords(zoe))[2].field.inputValue(), words.get(third.place));
  await checkHere(zoe, 'check-wrong');
  assert.deepEqual(await keys('mairie'), []);
});

test('three_right_words_found_the_organisation_and_the_sheet_is_never_shown_again', async () => {
  await typeWords(zoe, words);
  await zoe.page.waitForURL('**/admin/first');
  await zoe.sees(zoe.say('web-founded'));
  await zoe.sees('Étape 4 sur 5');
  assert.deepEqual(await keys('mairie'), ['keys']);
  for (const path of ['/begin/create/sheet', '/begin/create/check', '/begin/create', '/begin']) {
    await zoe.open(path);
    const shown = await zoe.page.content();
    assert.equal([...words.values()].filter((word) => shown.includes(`<li>${word}</li>`)).length, 0, path);
    assert.ok(!new URL(zoe.page.url()).pathname.startsWith('/begin'), path);
  }
});

test('the_way_can_be_left_and_the_inbox_says_where_it_goes_on', async () => {
  await zoe.open('/admin/first');
  await zoe.click('link', zoe.say('web-later'));
  await zoe.sees(zoe.say('web-first-reminder'));
  await zoe.click('link', zoe.say('web-first-go-on'));
  await zoe.sees('Étape 4 sur 5');
});

test('a_first_team_is_made_of_one_person_a_line', async () => {
  await zoe.write(zoe.say('web-team-name'), TEAM);
  await zoe.paste(zoe.say('web-first-computers'), `${COLLEAGUE} ; Portable de la mairie\n\n`);
  await zoe.paste(zoe.say('web-first-phones'), HOSTILE);
  await zoe.click('button', zoe.say('web-first-team-now'));
  await zoe.find('alert').getByText(HOSTILE).waitFor();
  assert.equal(await zoe.find('textbox', zoe.say('web-team-name')).inputValue(), TEAM);
  await checkHere(zoe, 'first-team-wrong');
  await zoe.paste(zoe.say('web-first-phones'), `${HOSTILE} ; Pixel 9a`);
  await zoe.click('button', zoe.say('web-first-team-now'));
  await zoe.sees(zoe.say('web-first-team-made'));
  await zoe.sees('Étape 5 sur 5');
  await checkHere(zoe, 'first-tickets');
});

test('a_first_ticket_is_printed_and_the_way_says_where_everything_is', async () => {
  await zoe.page.getByRole('checkbox', { name: /Chloé/ }).uncheck();
  await zoe.click('button', zoe.say('web-tickets-make'));
  ticket = await zoe.page.locator('section.ticket .code').innerText();
  await zoe.open('/admin/first');
  await zoe.sees(zoe.say('web-first-done'));
  for (const place of ['web-approvals', 'web-hours-editor', 'web-import']) {
    await zoe.find('main').getByRole('link', { name: new RegExp(zoe.say(place)) }).waitFor();
  }
  await checkHere(zoe, 'first-done');
});

test('with_that_ticket_and_the_keyboard_alone_a_second_computer_joins_and_waits', async () => {
  amine = await personAt(await town.desk('amine', { asks: true }));
  await amine.tabTo('link', new RegExp(amine.say('web-begin-join')));
  await amine.press('Enter');
  await amine.tabTo('textbox', amine.say('web-join-ticket'));
  await amine.page.keyboard.insertText(ticket);
  await amine.tabTo('button', amine.say('web-next'));
  await amine.press('Enter');
  await amine.sees('Étape 2 sur 3');
  await amine.sees(/Portable de la mairie/);
  const focused = (name) => amine.page.evaluate((id) => document.activeElement.id === id, name);
  for (const name of ['passphrase', 'again']) {
    while (!(await focused(name))) await amine.press('Tab');
    await amine.page.keyboard.type(PASSPHRASE);
  }
  await amine.press('Enter');
  await amine.page.waitForURL('**/waiting');
  await amine.sees('Étape 3 sur 3');
  await amine.sees('Portable de la mairie');
  await checkHere(amine, 'waiting');
});

test('closed_and_started_again_it_asks_for_the_passphrase_and_waits_where_it_was', async () => {
  const shown = await amine.page.locator('.fingerprint').innerText();
  await amine.leave();
  await (await town.desk('amine')).stop();
  amine = await personAt(await town.desk('amine', { asks: true }));
  await amine.page.waitForURL('**/unlock');
  await amine.page.keyboard.type(PASSPHRASE);
  await amine.press('Enter');
  await amine.page.waitForURL('**/waiting');
  assert.equal(await amine.page.locator('.fingerprint').innerText(), shown);
  await amine.sees('Portable de la mairie');
});

test('approved_on_the_first_computer_the_second_opens_by_itself_and_both_write', async () => {
  await zoe.open('/admin/approvals');
  assert.equal(await zoe.page.locator('.fingerprint').innerText(), await amine.page.locator('.fingerprint').innerText());
  await zoe.click('button', zoe.say('web-approve-same'));
  await amine.page.waitForURL('**/conversations', { timeout: 60_000 });
  await zoe.open('/conversations');
  await zoe.click('link', new RegExp(TEAM));
  await zoe.write(zoe.say('web-message'), HELLO);
  await zoe.click('button', zoe.say('web-send'));
  await amine.click('link', new RegExp(TEAM));
  await amine.message(HELLO).waitFor();
  await amine.write(amine.say('web-message'), ANSWER);
  await amine.click('button', amine.say('web-send'));
  await zoe.message(ANSWER).waitFor();
  await zoe.open('/waiting');
  assert.equal(new URL(zoe.page.url()).pathname, '/conversations', 'who is admitted waits no more');
});
