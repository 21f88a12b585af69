/**
 * What was typed stays, whatever happens to the page: refused, locked, left for an answer, gone back to.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { send as ask } from '../world/raw-http.js';
import { inTeam, inTown, send, state } from '../world/story.js';
import { PASSPHRASE, PEOPLE, TEAM } from '../world/town.js';

const LIMIT = 10_000;
const [FIRST, NEXT] = ['La buse du pont est bouchée.', 'Je passe la curer.'];

let town;
let desk;
let amine;

inTown(async (built) => {
  town = built;
  await town.goTo('10:00');
  desk = await town.desk('amine');
  amine = await personAt(desk);
});

/** The field in which one writes. */
const field = (person) => person.find('textbox', person.say('web-message'));

async function unlock(person) {
  await person.page.waitForURL('**/unlock');
  await person.page.getByLabel(person.say('web-passphrase')).fill(PASSPHRASE);
  await person.click('button', person.say('web-unlock'));
}

test('what_is_typed_right_before_locking_or_answering_is_the_draft', async () => {
  await inTeam(amine);
  await send(amine, FIRST);
  await amine.message(FIRST).waitFor();
  await field(amine).pressSequentially(NEXT);
  await amine.click('button', amine.say('web-lock'));
  await unlock(amine);
  await inTeam(amine);
  assert.equal(await field(amine).inputValue(), NEXT);
  await field(amine).press('End');
  await field(amine).pressSequentially(' Midi ?');
  await amine.message(FIRST).getByRole('link', { name: new RegExp(`^${amine.say('web-reply')}`) }).click();
  await amine.sees(amine.say('web-reply-cancel'));
  assert.equal(await field(amine).inputValue(), `${NEXT} Midi ?`);
});

test('an_answer_that_was_cancelled_is_none_the_next_time_either', async () => {
  await amine.click('link', amine.say('web-reply-cancel'));
  await amine.page.locator('.composer .quoted').waitFor({ state: 'detached' });
  await inTeam(amine);
  assert.equal(await amine.page.locator('.composer .quoted').count(), 0);
  assert.equal(await field(amine).inputValue(), `${NEXT} Midi ?`);
  await amine.paste(amine.say('web-message'), '');
});

test('one_step_back_from_what_was_sent_it_is_no_draft', async () => {
  await inTeam(amine);
  await send(amine, NEXT);
  await state(amine, NEXT, 'state-handed').waitFor();
  await amine.page.goBack();
  await field(amine).waitFor();
  assert.equal(await field(amine).inputValue(), '');
  await inTeam(amine);
  assert.equal(await field(amine).inputValue(), '');
});

test('an_edit_that_is_too_long_comes_back_whole_to_be_shortened', async () => {
  const long = 'a'.repeat(LIMIT + 50);
  await amine.message(NEXT).getByRole('link', { name: new RegExp(`^${amine.say('web-more')}`) }).click();
  await amine.paste(amine.say('web-edit'), long);
  await amine.click('button', amine.say('web-save'));
  await amine.page.getByRole('alert').waitFor();
  assert.ok((await amine.find('textbox', amine.say('web-edit')).inputValue()) === long, 'it comes back whole');
  await amine.check('an edit that was refused');
  await amine.paste(amine.say('web-edit'), 'Curée.');
  await amine.click('button', amine.say('web-save'));
  await amine.message('Curée.').waitFor();
});

test('a_message_that_has_not_left_is_found_again_from_its_own_page', async () => {
  await town.cut();
  await inTeam(amine);
  await send(amine, 'Sans réseau.');
  await amine.message('Sans réseau.').getByRole('link', { name: new RegExp(`^${amine.say('web-more')}`) }).click();
  await amine.click('link', amine.say('web-back-to-conversation'));
  await state(amine, 'Sans réseau.', 'state-waiting').waitFor();
  await town.restore();
  await state(amine, 'Sans réseau.', 'state-handed').waitFor();
});

test('without_scripts_what_was_sent_to_a_locked_desk_waits_for_the_passphrase', async () => {
  const plain = await personAt(desk, {}, { scripts: false });
  await inTeam(plain);
  await plain.paste(plain.say('web-message'), 'Écrit pendant ce temps.');
  await amine.click('button', amine.say('web-lock'));
  await amine.page.waitForURL('**/unlock');
  await plain.click('button', plain.say('web-send'));
  await unlock(plain);
  await plain.sees(plain.say('web-kept-why'));
  assert.equal(await plain.find('textbox', plain.say('web-kept-text')).inputValue(), 'Écrit pendant ce temps.');
  await plain.check('what was sent while the pages were locked');
  await plain.click('button', plain.say('web-kept-send'));
  await plain.message('Écrit pendant ce temps.').waitFor();
  await plain.open('/kept');
  await plain.page.waitForURL('**/conversations');
  await plain.leave();
});

test('a_name_that_is_too_long_makes_no_conversation', async () => {
  const lea = await personAt(await town.desk('lea'));
  await lea.open('/conversations/new');
  // As by a browser that knows no longest length.
  await lea.page.getByLabel(lea.say('gather-name')).evaluate((name) => name.removeAttribute('maxlength'));
  await lea.paste(lea.say('gather-name'), 'x'.repeat(101));
  await lea.find('checkbox', PEOPLE.amine.name).check();
  await lea.click('button', lea.say('gather-make'));
  await lea.page.getByRole('alert').waitFor();
  assert.ok(await lea.find('checkbox', PEOPLE.amine.name).isChecked());
  await lea.open('/conversations');
  await lea.find('link', new RegExp(TEAM)).waitFor();
  assert.equal(await lea.page.locator('.threads .thread').count(), 1);
});

test('who_reads_further_up_has_not_read_what_comes_below', async () => {
  const chloe = await personAt(await town.desk('chloe'));
  await chloe.page.setViewportSize({ width: 360, height: 400 });
  await inTeam(chloe);
  await chloe.page.evaluate(() => window.scrollTo(0, 0));
  await inTeam(amine);
  await send(amine, 'Lu par personne encore.');
  await chloe.page.locator('.jump').waitFor();
  const far = amine.message('Lu par personne encore.').locator('.far');
  await far.filter({ hasText: /^reçu/ }).waitFor();
  assert.doesNotMatch(await far.innerText(), /lu/);
  await chloe.page.locator('.jump').click();
  await chloe.page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await far.filter({ hasText: /lu par 1/ }).waitFor();
});

test('a_program_that_looks_where_a_link_leads_does_not_use_it_up', async () => {
  const link = await desk.anotherLink();
  assert.equal((await ask(link, { method: 'HEAD' })).status, 204);
  assert.equal((await ask(link)).status, 303);
  assert.equal((await ask(link)).status, 403);
});

test('a_note_stands_in_its_conversation_as_a_note_and_one_that_is_too_long_comes_back', async () => {
  await inTeam(amine);
  await amine.click('link', amine.say('web-notes'));
  await amine.paste(amine.say('web-note-title'), 'Tournée du nord');
  await amine.click('button', amine.say('web-begin-note'));
  const text = amine.find('textbox', amine.say('web-note-text'));
  const long = 'b'.repeat(200_100);
  await text.fill(long);
  await amine.click('button', amine.say('web-save'));
  await amine.page.getByRole('alert').waitFor();
  assert.ok((await text.inputValue()) === long, 'it comes back whole');
  await text.fill('Rue Haute, puis le lavoir.');
  await amine.click('button', amine.say('web-save'));
  await amine.sees(amine.say('web-note-saved'));
  await inTeam(amine);
  await amine.check('a note among messages');
  await amine.click('link', 'Tournée du nord');
  assert.equal(await text.inputValue(), 'Rue Haute, puis le lavoir.');
});

test('a_period_that_cannot_be_proved_is_told_in_words_and_stays_to_be_corrected', async () => {
  await amine.open('/me/proof');
  const [from, until] = ['web-from', 'web-until'].map((label) => amine.page.getByLabel(amine.say(label)));
  const ask = async (begins, ends) => {
    await from.fill(begins);
    await until.fill(ends);
    await amine.click('button', amine.say('web-proof-download'));
  };
  await ask(town.moment(-60), town.moment(-120));
  await amine.sees(amine.say('web-proof-order'));
  assert.equal(await from.inputValue(), town.moment(-60));
  await ask(town.moment(-60), town.moment(60));
  await amine.sees(amine.say('web-proof-past'));
  assert.equal(await until.inputValue(), town.moment(60));
  await town.cut();
  await ask(town.moment(-120), town.moment(-60));
  await amine.sees(amine.say('web-proof-needs-relay'));
  await amine.check('a proof without the relay');
  await town.restore();
});

test('a_message_of_spaces_is_no_message_and_says_so', async () => {
  await inTeam(amine);
  const before = await amine.page.locator('.message').count();
  await amine.paste(amine.say('web-message'), '   ');
  await amine.click('button', amine.say('web-send'));
  await amine.find('alert').getByText('Ce texte est vide').waitFor();
  assert.equal(await amine.page.locator('.message').count(), before);
});
