/** D1, D3: what the relay keeps is told by the relay's own database, and it holds no word (D2). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { Town } from '../world/town.js';

const WORD = 'hippopotame';

let town;

before(async () => {
  town = await Town.build();
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** Rows of a table, as the page says. */
async function rows(person, table) {
  const line = person.page.getByRole('listitem').filter({ has: person.page.getByText(table, { exact: true }) });
  return Number(/(\d+) lignes?/.exec(await line.innerText())?.[1] ?? 0);
}

/** Comes to the page as one finds it, and opens every list of tables. */
async function come(person) {
  await person.find('link', 'Moi').first().click();
  await person.click('link', /^Ce que le relais sait/);
  await person.find('heading', 'Messages scellés').waitFor();
  for (const summary of await person.page.locator('details summary').all()) await summary.click();
}

test('the_register_counts_what_the_relay_holds_and_grows_with_it', async () => {
  const person = await personAt(await town.desk('amine'));
  await come(person);
  const before = await rows(person, 'entry');
  assert.ok((await person.readable()).includes('365'), 'days as they were stated');
  await town.write('chloe', `Un ${WORD} traverse la rue Haute.`);
  await come(person);
  assert.equal(await rows(person, 'entry'), before + 1);
  assert.ok(!(await person.readable()).includes(WORD));
  assert.equal(await person.page.getByRole('heading', { name: 'Non décrit' }).count(), 0);
  await person.check('the register');
  await person.leave();
});

test('without_the_relay_the_register_says_so_instead_of_telling_something_old', async () => {
  const person = await personAt(await town.desk('amine'));
  await town.cut();
  await person.find('link', 'Moi').first().click();
  await person.click('link', /^Ce que le relais sait/);
  await person.find('alert').waitFor();
  assert.equal(await person.page.getByRole('heading', { name: 'Messages scellés' }).count(), 0);
  await person.leave();
});
