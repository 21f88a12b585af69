/** What goes wrong has a screen that says what happened and what to do, and costs nobody a word. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { checkHere } from '../world/beginner.js';
import { closeBrowser, personAt } from '../world/browser.js';
import { start } from '../world/command.js';
import { PASSPHRASE, TEAM, Town } from '../world/town.js';

/** A message has 10,000 characters at most. */
const TOO_LONG = 'Le regard est plein. '.repeat(500);
/** No form but a file's or a note's has more than 256 KiB. */
const FAR_TOO_LONG = 'Le regard est plein. '.repeat(20_000);
/** A file of the inventory has 8 MiB at most; with so many lines it has more. */
const LINES = 45_000;
const TRIES = 10;

let town;

before(async () => {
  town = await Town.build();
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

async function inTeam() {
  const person = await personAt(await town.desk('amine'));
  await person.click('link', new RegExp(TEAM));
  await person.find('textbox', person.say('web-message')).waitFor();
  return person;
}

test('a_message_that_is_too_long_is_refused_with_its_limit_and_is_still_there_to_be_shortened', async () => {
  const person = await inTeam();
  await person.paste(person.say('web-message'), TOO_LONG);
  await person.click('button', person.say('web-send'));
  await person.find('alert').getByText(/10[\s.,]?000/).waitFor();
  assert.equal(await person.find('textbox', person.say('web-message')).inputValue(), TOO_LONG);
  await person.check('a message that is too long');
  await person.paste(person.say('web-message'), 'Le regard est plein.');
  await person.click('button', person.say('web-send'));
  await person.message('Le regard est plein.').waitFor();
  await person.leave();
});

test('a_form_that_is_larger_than_any_has_a_page_that_says_what_to_do_and_one_step_back_the_text_is_still_there', async () => {
  const person = await inTeam();
  await person.paste(person.say('web-message'), FAR_TOO_LONG);
  const [answer] = await Promise.all([
    person.page.waitForResponse((response) => response.request().isNavigationRequest()),
    person.click('button', person.say('web-send')),
  ]);
  assert.equal(answer.status(), 413);
  await person.find('alert').getByText(person.say('web-form-too-large')).waitFor();
  await person.sees(person.say('web-form-too-large-advice'));
  await person.sees('too_large');
  // The browser says of the refused page, and of the draft beside it, that they were refused.
  const complaints = person.complaints();
  assert.deepEqual(complaints.filter((complaint) => !complaint.includes('413')), []);
  await checkHere(person, 'form-too-large');
  await person.page.goBack();
  assert.equal(await person.find('textbox', person.say('web-message')).inputValue(), FAR_TOO_LONG);
  await person.leave();
});

test('without_the_relay_the_desk_says_how_many_messages_wait_and_they_leave_when_it_is_back', async () => {
  const person = await inTeam();
  await town.cut();
  const texts = ['Sans réseau, un.', 'Sans réseau, deux.'];
  for (const text of texts) {
    await person.write(person.say('web-message'), text);
    await person.click('button', person.say('web-send'));
    await person.message(text).getByText(person.say('state-waiting')).waitFor();
  }
  const standing = person.page.locator('#standing');
  await standing.filter({ hasText: '2 messages en attente de départ' }).waitFor();
  await standing.filter({ hasText: /dernier contact \d\d:\d\d/ }).waitFor();
  await person.check('a conversation without the relay');
  await town.restore();
  for (const text of texts) await person.message(text).getByText(person.say('state-waiting')).waitFor({ state: 'detached' });
  await standing.filter({ hasNotText: 'en attente' }).waitFor();
  await person.leave();
});

test('a_huge_file_is_refused_before_it_is_read_and_the_form_takes_another', async () => {
  const admin = await personAt(await town.desk('admin'));
  const huge = town.folder('huge.csv');
  await writeFile(huge, `agent,name\n${`7,${'Nour '.repeat(40)}\n`.repeat(LINES)}`);
  await admin.open('/admin/import');
  await admin.page.getByLabel(admin.say('web-import-file')).setInputFiles(huge);
  await admin.page.waitForFunction(() => document.getElementById('content').value.length > 0);
  await admin.click('button', admin.say('web-import-look'));
  await admin.find('alert').getByText(/8[\s.,]?388[\s.,]?608/).waitFor();
  await admin.check('an import that is too large');
  await admin.paste(admin.say('web-import-content'), 'agent,name\n7,Nour Haddad\n');
  await admin.click('button', admin.say('web-import-look'));
  await admin.sees(admin.say('web-import-would'));
  await admin.leave();
});

test('after_wrong_passphrases_the_door_says_how_long_to_wait_and_opens_for_the_right_one_afterwards', async () => {
  const person = await inTeam();
  await person.click('button', person.say('web-lock'));
  await person.page.waitForURL('**/unlock');
  const give = async (passphrase) => {
    await person.page.getByLabel(person.say('web-passphrase')).fill(passphrase);
    await person.press('Enter');
  };
  let seconds = 0;
  for (let tries = 0; tries < TRIES; tries += 1) {
    await give('une fausse phrase');
    await person.find('alert').waitFor();
    const told = /Attendez (une|\d+)/.exec(await person.find('alert').innerText());
    if (told) seconds = Math.max(seconds, Number(told[1]) || 1);
  }
  assert.ok(seconds > 0, 'it was told to wait');
  await person.check('the door after ten wrong passphrases');
  await pass(seconds * 1000);
  await give(PASSPHRASE);
  await person.page.waitForURL('**/conversations');
  await person.leave();
});

test('a_port_that_another_program_has_is_said_before_anything_is_opened', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  const words = ['desk', '--no-browser', '--port', String(port)];
  const refused = start(town.folder('chloe'), town.passphraseFile, words);
  const code = await refused.ended;
  other.close();
  assert.notEqual(code, 0);
  assert.match(refused.errors, new RegExp(`Le port ${port} est déjà pris`));
});
