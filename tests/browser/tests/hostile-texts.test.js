/** Whatever people type is shown as they typed it and does nothing. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { choosePassphrase, giveTicket, sayOrganisation } from '../world/beginner.js';
import { closeBrowser, personAt } from '../world/browser.js';
import { TEAM, Town } from '../world/town.js';

/** Each would do something if it were ever taken for more than text. */
const TEXTS = [
  '<script>document.title = "taken"</script>',
  '"><img src=x onerror=alert(1)> \'\' "" `',
  '</textarea></title></style><b onmouseover=alert(1)>gras</b>',
  'javascript:alert(1) data:text/html,<i>x</i> &lt;script&gt; &#60;b&#62;',
  '{{7*7}} ${7*7} {% x %} <%= 7*7 %>',
  'مغلق حتى الغد 🚧👷🏽‍♀️ \u202Eà l’envers\u202C fin',
  'à\n\n   deux   lignes\t, et des espaces',
];
/** The same in one line, for names and titles. */
const NAME = 'Chloé <b onclick=alert(1)>"\'& مغلق 🚧';

let town;
let desk;

before(async () => {
  town = await Town.build();
  const names = town.folder('names.csv');
  await writeFile(names, `agent,name\n4,"${NAME.replaceAll('"', '""')}"\n`);
  await town.run('admin', 'admin', 'import', names, '--replace');
  await town.write('chloe', TEXTS[0]);
  desk = await town.desk('amine');
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** Nothing was run, asked for or laid out wrongly. */
async function harmless(person, screen) {
  assert.ok(!(await person.page.title()).includes('taken'), screen);
  await person.check(screen);
}

test('texts_are_shown_as_they_were_typed', async () => {
  const person = await personAt(desk, { width: 320 });
  person.page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  await person.click('link', new RegExp(TEAM));
  for (const text of TEXTS) {
    await person.paste(person.say('web-message'), text);
    await person.click('button', person.say('web-send'));
    await person.page.locator('.message.own').last().waitFor();
    await assertShown(person, text);
  }
  await harmless(person, 'a conversation of hostile texts');
  assert.deepEqual(await person.page.locator('.message script, .message img, .message b').count(), 0);
  await person.leave();
});

/** The newest message is the text, character by character. */
async function assertShown(person, text) {
  const found = person.page.locator('.message .body').filter({ hasText: text.split('\n')[0].slice(0, 20) }).last();
  assert.equal(await found.evaluate((element) => element.textContent), text);
}

test('a_name_is_a_name_whatever_is_in_it', async () => {
  const person = await personAt(desk, { width: 320 });
  await person.open(`/conversations/${await town.thread()}`);
  await person.sees(NAME);
  await harmless(person, 'a conversation with a hostile name');
  await person.open(`/conversations/${await town.thread()}/settings`);
  await person.sees(NAME);
  await harmless(person, 'the members with a hostile name');
  await person.open('/conversations/new');
  await person.find('combobox').getByText(NAME).waitFor({ state: 'attached' });
  await harmless(person, 'the choice of a person with a hostile name');
  await person.leave();
});

test('a_search_is_text_too', async () => {
  const person = await personAt(desk, { width: 320 });
  for (const text of TEXTS.filter((text) => !text.includes('\n'))) {
    await person.open('/conversations');
    await person.find('searchbox').fill(text);
    await person.press('Enter');
    await person.page.waitForURL(/search\?q=/);
    await person.find('searchbox').waitFor();
    assert.equal(await person.find('searchbox').inputValue(), text.trim());
  }
  await harmless(person, 'a hostile search');
  await person.leave();
});

test('a_title_is_text_too', async () => {
  const person = await personAt(await town.desk('lea'), { width: 320 });
  await person.open(`/conversations/${await town.thread()}/settings`);
  await person.paste(person.say('web-title'), NAME);
  await person.find('button', person.say('web-save')).first().click();
  await person.sees(person.say('desk-titled'));
  await harmless(person, 'the settings with a hostile title');
  await person.open('/conversations');
  await person.sees(NAME);
  await harmless(person, 'a list with a hostile title');
  await person.leave();
});

test('what_is_typed_on_the_way_to_a_new_computer_is_text_too', async () => {
  const person = await personAt(await town.desk('newcomer', { asks: true }), { width: 320 });
  await person.open('/begin/join');
  for (const text of TEXTS) {
    await giveTicket(person, text);
    await person.find('alert').waitFor();
    assert.equal(await person.find('textbox', person.say('web-join-ticket')).inputValue(), text);
  }
  await harmless(person, 'a hostile ticket');
  await person.open('/begin/create');
  const organisation = { name: NAME, administrator: NAME, ticket: TEXTS[2], week: TEXTS[1] };
  await sayOrganisation(person, organisation);
  await person.find('alert').first().waitFor();
  assert.equal(await person.find('textbox', person.say('web-create-name')).inputValue(), NAME);
  assert.equal(await person.find('textbox', person.say('web-hours-week')).inputValue(), TEXTS[1]);
  await harmless(person, 'a hostile organisation');
  await sayOrganisation(person, { name: NAME, administrator: NAME, ticket: town.firstTicket, week: 'lun-ven 08:00-17:00' });
  await choosePassphrase(person, 'web-next');
  await person.find('heading', person.say('web-sheet')).waitFor();
  assert.ok((await person.page.locator('#paper').textContent()).includes(NAME));
  await harmless(person, 'the sheet of a hostile organisation');
  await person.leave();
});

test('addresses_that_nobody_printed_are_refused_with_a_page', async () => {
  const person = await personAt(desk);
  for (const path of ['/conversations/%3Cscript%3E', '/conversations/search?q=%00%FF', '/messages/..%2F..', '/%2e%2e/%2e%2e/etc/passwd', '/conversations/x?before=abc&at=%3Cb%3E']) {
    const answer = await person.open(desk.origin + path);
    assert.ok(answer.status() < 500, `${path}: ${answer.status()}`);
    assert.equal(answer.headers()['content-type'], 'text/html; charset=utf-8', path);
    assert.deepEqual(person.complaints(), [], path);
  }
  await person.leave();
});
