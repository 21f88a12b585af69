/**
 * Joining by the screens, and what can be in the way: wrong tickets, a refusal, no relay, no script, others on
 * the same computer, a program that ends in the middle.
 */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { checkHere, choosePassphrase, giveTicket, sayOrganisation } from '../world/beginner.js';
import { closeBrowser, personAt } from '../world/browser.js';
import { get, post } from '../world/raw-http.js';
import { PASSPHRASE, TEAM, Town } from '../world/town.js';

let town;
let next = 20;

before(async () => {
  town = await Town.build();
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** Lists one more agent with a computer; their ticket. */
async function newTicket() {
  const agent = (next += 1);
  const file = town.folder(`${agent}.csv`);
  await writeFile(file, `agent,name,team,platform,model,serial\n${agent},Nour ${agent},${TEAM},computer,Portable,N${agent}\n`);
  await town.run('admin', 'admin', 'import', file);
  const [{ ticket }] = await town.run('admin', 'admin', 'ticket', String(agent));
  return ticket;
}

/** Somebody before an empty computer who has chosen to join. */
async function joining(who, options = {}) {
  const person = await personAt(await town.desk(who, { asks: true }), {}, options);
  await person.click('link', new RegExp(person.say('web-begin-join')));
  return person;
}

/** Joins to the page that waits. */
async function join(person, ticket) {
  await giveTicket(person, ticket);
  await choosePassphrase(person, 'web-join-now');
  await person.page.waitForURL(/\/waiting/);
}

test('a_ticket_that_is_no_ticket_used_or_of_another_kind_is_told_as_such_and_stays_to_be_corrected', async () => {
  const [person, good] = [await joining('nour'), await newTicket()];
  const used = await newTicket();
  await town.run('used', 'enrol', used);
  for (const [ticket, told] of [
    ['pas un ticket', 'fault-enrolment-invalid'],
    [good.slice(0, -12), 'fault-enrolment-invalid'],
    [good.replace(/s=([0-9a-f]{2})/, (_, byte) => `s=${byte === '00' ? '01' : '00'}`), 'fault-enrolment-invalid'],
    [used, 'fault-enrolment-used'],
    [town.firstTicket, 'web-join-claim-ticket'],
  ]) {
    await giveTicket(person, ticket);
    await person.find('alert').getByText(person.say(told)).waitFor();
    assert.equal(await person.find('textbox', person.say('web-join-ticket')).inputValue(), ticket);
  }
  await checkHere(person, 'begin-join-wrong');
  await person.click('button', person.say('web-begin-again'));
  await person.find('heading', person.say('web-begin')).waitFor();
  await person.click('link', new RegExp(person.say('web-begin-create')));
  await sayOrganisation(person, { name: 'Vaux', administrator: 'Nour', ticket: good });
  await person.find('alert').getByText(person.say('web-create-join-ticket')).waitFor();
  await person.leave();
});

test('a_program_that_ends_in_the_middle_leaves_nothing_and_the_ticket_is_good_still', async () => {
  const [first, ticket] = [await joining('interrupted'), await newTicket()];
  await giveTicket(first, ticket);
  await first.sees('Étape 2 sur 3');
  await (await town.desk('interrupted')).kill();
  await first.leave();
  assert.deepEqual((await readdir(town.folder('interrupted'))).filter((name) => name !== 'desk-running'), []);
  const second = await joining('interrupted');
  await join(second, ticket);
  await second.leave();
});

test('a_desk_that_nobody_began_at_leaves_no_folder', async () => {
  const person = await personAt(await town.desk('nobody', { asks: true }));
  await person.find('heading', person.say('web-begin')).waitFor();
  await person.leave();
  await (await town.desk('nobody')).stop();
  await assert.rejects(readdir(town.folder('nobody')), { code: 'ENOENT' });
});

test('without_the_relay_the_ticket_stays_and_the_page_that_waits_says_so', async () => {
  const [person, ticket] = [await joining('far'), await newTicket()];
  await town.cut();
  await giveTicket(person, ticket);
  await person.sees(person.say('web-begin-unreachable-advice'));
  assert.equal(await person.find('textbox', person.say('web-join-ticket')).inputValue(), ticket);
  await town.restore();
  await join(person, ticket);
  await town.cut();
  await person.sees(person.say('web-waiting-unreachable'));
  await checkHere(person, 'waiting-unreachable');
  await town.restore();
  await person.page.getByText(person.say('web-waiting-unreachable')).waitFor({ state: 'detached' });
  await person.leave();
});

test('who_is_refused_is_told_and_may_try_with_another_ticket_at_once', async () => {
  const [person, ticket] = [await joining('refused'), await newTicket()];
  await join(person, ticket);
  // Without an answer to its question, the command refuses.
  await town.run('admin', 'admin', 'approve');
  await person.find('heading', person.say('web-waiting-refused')).waitFor({ timeout: 60_000 });
  await checkHere(person, 'waiting-refused');
  await person.click('button', person.say('web-waiting-other-ticket'));
  await giveTicket(person, ticket);
  await person.find('alert').getByText(person.say('fault-enrolment-used')).waitFor();
  await join(person, await newTicket());
  await town.run('admin', 'admin', 'approve', '--yes');
  await person.page.waitForURL('**/conversations', { timeout: 60_000 });
  await person.leave();
});

test('without_script_the_page_that_waits_looks_by_itself_and_can_be_told_not_to', async () => {
  const [person, ticket] = [await joining('plain', { scripts: false }), await newTicket()];
  await join(person, ticket);
  await person.click('link', person.say('web-waiting-still'));
  await person.page.waitForURL('**/waiting?still');
  assert.equal(await person.page.locator('meta[http-equiv=refresh]').count(), 0);
  await person.check('the page that waits, without script');
  await person.open('/waiting');
  await town.run('admin', 'admin', 'approve', '--yes');
  await person.page.waitForURL('**/conversations', { timeout: 60_000 });
  await person.leave();
});

test('on_a_shared_computer_somebody_new_begins_at_the_door_under_a_name_that_nobody_has', async () => {
  const desk = await town.desk('poste', { asks: true, words: ['--shared'] });
  const [first, ticket] = [await personAt(desk), await newTicket()];
  await first.click('link', first.say('web-new-agent'));
  await giveTicket(first, ticket);
  await first.paste(first.say('web-join-name'), '../amine');
  await choosePassphrase(first, 'web-join-now');
  await first.sees(first.say('web-join-name-bad'));
  await checkHere(first, 'begin-join-shared');
  await first.paste(first.say('web-join-name'), 'nour');
  await choosePassphrase(first, 'web-join-now');
  await first.page.waitForURL('**/waiting');
  await first.click('button', first.say('web-lock'));
  await first.click('button', first.say('web-change-agent'));
  await first.click('link', first.say('web-new-agent'));
  await giveTicket(first, await newTicket());
  await first.paste(first.say('web-join-name'), 'nour');
  await choosePassphrase(first, 'web-join-now');
  await first.sees(first.say('web-join-name-bad'));
  await first.click('button', first.say('web-begin-again'));
  await first.paste('Agent', 'nour');
  await first.page.getByLabel(first.say('web-passphrase')).fill(PASSPHRASE);
  await first.press('Enter');
  await first.page.waitForURL('**/waiting');
  // From any page, without locking first.
  await first.click('button', first.say('web-change-agent'));
  await first.find('textbox', 'Agent').waitFor();
  await first.leave();
});

test('the_way_is_for_the_browser_that_was_let_in_from_pages_of_its_own_and_only_while_the_folder_is_empty', async () => {
  const desk = await town.desk('guarded', { asks: true });
  const cookie = (await desk.cookies()).join('; ');
  const pages = ['/begin', '/begin/join', '/begin/create', '/begin/create/sheet', '/begin/create/check', '/waiting', '/admin/first'];
  const forms = ['/begin/join', '/begin/join/passphrase', '/begin/create', '/begin/create/passphrase', '/begin/create/check', '/begin/again', '/waiting', '/admin/first'];
  for (const path of pages) {
    assert.equal((await get(desk.origin + path)).status, 403, `${path} without the cookie`);
    assert.equal((await get(desk.origin + path, { cookie, host: 'desk.example' })).status, 403, `${path} under another name`);
  }
  for (const path of forms) {
    for (const origin of ['http://site.example', 'null', `http://127.0.0.1:${desk.port + 1}`]) {
      assert.equal((await post(desk.origin + path, {}, { cookie, origin })).status, 403, `${path} from ${origin}`);
    }
  }
  assert.equal((await get(`${desk.origin}/conversations`, { cookie })).headers.location, '/begin');
  const settled = await town.desk('chloe');
  const other = (await settled.cookies()).join('; ');
  for (const path of forms.filter((path) => path.startsWith('/begin'))) {
    const answer = await post(settled.origin + path, { ticket: town.firstTicket, passphrase: PASSPHRASE, again: PASSPHRASE }, { cookie: other });
    assert.deepEqual([path, answer.status], [path, 303]);
  }
  assert.equal((await post(`${settled.origin}/waiting`, {}, { cookie: other })).status, 403, 'an admitted device is not given up');
});

// The last one: a day passes.
test('a_ticket_of_yesterday_is_told_as_such', async () => {
  const [person, ticket] = [await joining('late'), await newTicket()];
  await town.goOn(25 * 60);
  await giveTicket(person, ticket);
  await person.find('alert').getByText(person.say('fault-enrolment-expired')).waitFor();
  assert.equal(await person.find('textbox', person.say('web-join-ticket')).inputValue(), ticket);
  await person.leave();
});
