/**
 * The wall of `bin/demo`, as somebody uses it who sees Estafette for the first time.
 *
 * The tour's sentences are what the program found; what the phones show in their frames is looked at here.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser } from '../world/browser.js';
import { layoutFaultsOf } from '../world/check-page.js';
import { get, post } from '../world/raw-http.js';
import { Wall } from '../world/wall.js';

const METER = 'Le compteur du gymnase fuit, vous y passez en premier.';
const VALVE = 'Vanne fermée rue des Lilas, secteur nord coupé.';
const ROOF = 'Toit arraché rue Haute : il me faut une équipe.';

let wall;

before(async () => {
  wall = await Wall.raise();
});

after(async () => {
  await closeBrowser();
  await wall?.clear();
});

/** What stands in somebody's frame. */
const phone = (person, name) => person.page.frameLocator(`iframe[title="Téléphone\u00A0: ${name}"]`);

/** Takes the tour's next step; the newest sentence of what has happened. */
async function step(person, number) {
  const said = person.page.locator('.told li');
  assert.equal(await said.count(), number - 1);
  await person.page.locator('.tour button.main').click();
  await said.nth(number - 1).waitFor();
  assert.equal(await person.page.locator('.told li.failed').count(), 0, await said.first().innerText());
  return said.first().innerText();
}

test('the_tour_s_seven_steps_hold_and_the_phones_show_them', async () => {
  const person = await wall.person();
  await person.check('the wall');
  await phone(person, 'Paul Roux').getByText('hors service').first().waitFor();

  await step(person, 1);
  await phone(person, 'Léa Bernard').getByText(METER).waitFor();
  assert.equal(await phone(person, 'Amine Kaci').getByText(METER).count(), 0, 'held for him');

  await step(person, 2);
  await phone(person, 'Amine Kaci').getByText(METER).waitFor();
  await phone(person, 'Chloé Martin').getByText(METER).waitFor();

  await step(person, 3);
  const written = phone(person, 'Amine Kaci').getByRole('listitem').filter({ hasText: VALVE });
  await written.getByText('en attente de départ').waitFor();
  assert.equal(await phone(person, 'Léa Bernard').getByText(VALVE).count(), 0);

  await step(person, 4);
  await phone(person, 'Léa Bernard').getByText(VALVE).waitFor();
  await phone(person, 'Chloé Martin').getByText(VALVE).waitFor();
  await person.check('the wall after four steps');

  assert.match(await step(person, 5), /Pixel 7a.*Cet appareil n’est pas à l’inventaire/);

  await step(person, 6);
  await phone(person, 'Chloé Martin').getByText(VALVE).waitFor({ state: 'detached' });

  await step(person, 7);
  await phone(person, 'Amine Kaci').getByText(ROOF).waitFor();
  assert.equal(await phone(person, 'Paul Roux').getByText(ROOF).count(), 0, 'on leave');
  assert.equal(await person.page.locator('.tour button').count(), 0);
  await person.leave();
});

test('four_phones_stand_side_by_side_on_the_screen_of_a_laptop_each_as_wide_as_a_phone', async () => {
  const person = await wall.person();
  for (const width of [1200, 1280, 1366, 1440, 1536, 1600, 1920]) {
    await person.page.setViewportSize({ width, height: 900 });
    const frames = await person.page.locator('.phone iframe').all();
    const boxes = await Promise.all(frames.map((frame) => frame.boundingBox()));
    assert.equal(new Set(boxes.map(({ y }) => Math.round(y))).size, 1, `in one row on ${width} px`);
    const widths = await Promise.all(person.page.frames().slice(1, 5).map((frame) => frame.evaluate(() => innerWidth)));
    assert.deepEqual(widths.filter((inside) => inside < 355 || inside > 400), [], `on ${width} px`);
    assert.deepEqual(await layoutFaultsOf(person.page), [], `on ${width} px`);
  }
  await person.leave();
});

test('controls_do_what_they_say_with_the_keyboard_alone', async () => {
  const person = await wall.person();
  for (const [name, said] of [
    ['Inscrire un nouveau téléphone', /Chloé Martin a un nouveau téléphone/],
    ['Apporter un téléphone débridé', /débridé a présenté un vrai ticket.*refusé/],
    ['Rejouer une heure chargée', /messages écrits comme dans une heure enregistrée/],
  ]) {
    await person.tabTo('button', name);
    await person.press('Enter');
    await person.page.locator('.told li').first().filter({ hasText: said }).waitFor();
  }
  await phone(person, 'Chloé Martin').getByText(VALVE).waitFor();
  await person.leave();
});

test('a_page_that_is_not_the_wall_can_show_no_phone', async () => {
  const person = await wall.person();
  const frames = person.page.frames().slice(1).map((frame) => new URL(frame.url()).origin);
  assert.equal(frames.length, 5, 'four phones and the administration');
  for (const origin of frames) {
    const { headers } = await get(`${origin}/`);
    assert.match(headers['content-security-policy'], new RegExp(`frame-ancestors ${wall.origin}$`));
  }
  await person.leave();
});

test('the_wall_is_for_whoever_has_its_link_and_takes_forms_from_itself_alone', async () => {
  const cookie = wall.cookie.join('=');
  assert.equal((await get(wall.link)).status, 403, 'the link was used');
  assert.equal((await get(`${wall.origin}/`)).status, 403);
  assert.equal((await get(`${wall.origin}/`, { cookie, host: 'estafette.example' })).status, 403);
  assert.equal((await post(`${wall.origin}/do`, { do: 'hour' }, { cookie, origin: 'http://127.0.0.1:1' })).status, 403);
  assert.equal((await post(`${wall.origin}/do`, { do: 'nothing' }, { cookie })).status, 400);
  const { headers } = await get(`${wall.origin}/`, { cookie });
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.match(headers['content-security-policy'], /script-src 'self'; .*frame-ancestors 'none'/);
});

test('without_scripts_a_control_works_and_the_page_says_what_was_done', async () => {
  const person = await wall.person({ width: 360 }, { scripts: false });
  const before = await person.page.locator('.told li').count();
  await person.click('button', 'Une heure de plus');
  await person.page.locator('.told li').nth(before === 8 ? 7 : before).waitFor();
  assert.match(await person.page.locator('.told li').first().innerText(), /a avancé/);
  await person.check('the wall on a phone, without scripts');
  await person.leave();
});

test('the_end_of_the_wall_leaves_nothing_behind', async () => {
  assert.notDeepEqual(await wall.leftovers(), []);
  assert.equal(await wall.stop(), 0);
  assert.deepEqual(await wall.leftovers(), []);
});
