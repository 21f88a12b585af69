/** Conversations through the screens: writing, replying, what is kept, what others sent. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt, personBefore } from '../world/browser.js';
import { TEAM, Town } from '../world/town.js';

let town;
let desk;

before(async () => {
  town = await Town.build();
  await town.write('chloe', 'Vanne fermée rue des Lilas.');
  desk = await town.desk('amine');
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** Amine before his desk, in the team's conversation, which he reached as one does. */
async function inConversation(appearance, options) {
  const person = await personAt(desk, appearance, options);
  await person.click('link', new RegExp(TEAM));
  await person.find('textbox', person.say('web-message')).waitFor();
  return person;
}

/** Writes a message with the pointer and waits until it stands among the messages. */
async function send(person, text) {
  await person.write(person.say('web-message'), text);
  await person.click('button', person.say('web-send'));
  await person.message(text).waitFor();
}

test('the_printed_link_opens_the_desk_and_its_token_is_not_in_the_address', async () => {
  const person = await personBefore();
  await person.open(await desk.anotherLink());
  assert.equal(new URL(person.page.url()).search, '');
  await person.click('link', new RegExp(TEAM));
  await person.message('Vanne fermée rue des Lilas.').waitFor();
  await person.leave();
});

test('a_message_is_written_seen_once_and_read_by_somebody_else', async () => {
  const person = await inConversation();
  await send(person, 'Je passe à 14 h.');
  assert.equal(await person.message('Je passe à 14 h.').count(), 1);
  assert.equal(await person.find('textbox', person.say('web-message')).inputValue(), '', 'the field is empty again');
  await person.check('a conversation after writing');
  await person.leave();
  const read = await town.run('chloe', 'read', await town.thread(), '--sync', '4');
  assert.equal(read.filter(({ text }) => text === 'Je passe à 14 h.').length, 1);
});

test('what_somebody_else_writes_appears_by_itself', async () => {
  const person = await inConversation();
  await town.write('chloe', 'Vu, j’arrive.');
  await person.message('Vu, j’arrive.').waitFor();
  await person.check('a conversation that has grown');
  await person.leave();
});

test('a_reply_shows_what_it_answers', async () => {
  const person = await inConversation();
  const question = 'Vanne fermée rue des Lilas.';
  await person.message(question).getByRole('link', { name: person.say('web-reply') }).click();
  await person.check('the composer with a quotation');
  await send(person, 'Depuis quand ?');
  await person.message('Depuis quand ?').getByText(question).waitFor();
  await person.leave();
});

test('a_browser_closed_in_the_middle_of_writing_loses_no_word', async () => {
  const text = 'Je commence une phrase et la batterie';
  const person = await inConversation();
  const kept = person.page.waitForResponse((answer) => answer.url().endsWith('/draft'));
  await person.write(person.say('web-message'), text);
  assert.equal((await kept).status(), 204);
  await person.leave();
  const later = await inConversation();
  assert.equal(await later.find('textbox', later.say('web-message')).inputValue(), text);
  await send(later, `${text} est pleine.`);
  await later.leave();
  const again = await inConversation();
  assert.equal(await again.find('textbox', again.say('web-message')).inputValue(), '', 'sent is no draft');
  await again.leave();
});

test('without_any_pointer_a_message_is_found_answered_and_sent', async () => {
  const person = await personAt(desk);
  await person.tabTo('link', new RegExp(TEAM));
  await person.press('Enter');
  await person.find('textbox', person.say('web-message')).waitFor();
  await person.tabTo('textbox', person.say('web-message'));
  await person.page.keyboard.type('Sans souris.');
  await person.tabTo('button', person.say('web-send'));
  await person.press('Enter');
  await person.message('Sans souris.').waitFor();
  await person.leave();
});

test('with_scripts_off_one_reads_and_writes_all_the_same', async () => {
  const person = await inConversation({}, { scripts: false });
  await person.message('Vanne fermée rue des Lilas.').waitFor();
  await send(person, 'Sans aucun script.');
  await person.check('a conversation without scripts');
  await person.write(person.say('web-message'), 'Un brouillon');
  await person.click('button', person.say('web-keep-draft'));
  await person.sees(person.say('desk-draft-kept'));
  assert.equal(await person.find('textbox', person.say('web-message')).inputValue(), 'Un brouillon');
  await person.leave();
});

test('with_scripts_off_a_page_that_is_left_alone_is_covered_and_sends_nobody_elsewhere', async () => {
  const person = await inConversation({}, { scripts: false });
  const shown = person.message('Vanne fermée rue des Lilas.');
  const field = person.find('textbox', person.say('web-message'));
  await field.focus();
  const back = person.find('link', person.say('web-unlock'));
  assert.deepEqual([await shown.isVisible(), await back.isVisible()], [true, false]);
  const minutes = await person.page.evaluate(() => document.getAnimations().map((animation) => {
    const { delay } = animation.effect.getTiming();
    animation.finish();
    return delay / 60_000;
  }));
  assert.ok(minutes.length > 0 && minutes.every((delay) => delay > 10 && delay < 11), `${minutes}`);
  assert.deepEqual([await shown.isVisible(), await back.isVisible()], [false, true]);
  assert.ok(await field.isVisible(), 'who is writing keeps their own words before them');
  await field.blur();
  assert.ok(!await field.isVisible());
  await person.check('a covered conversation');
  await person.leave();
});
