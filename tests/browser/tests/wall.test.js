/**
 * The wall of `bin/demo`, as somebody uses it who sees Estafette for the first time.
 *
 * The tour's sentences are what the program found; what the phones show in their frames is looked at here.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser } from '../world/browser.js';
import { faultsOf, layoutFaultsOf } from '../world/check-page.js';
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

/** A phone's card, and what the relay's pane says of its agent. */
const card = (person, name) => person.page.getByRole('region', { name: `Téléphone\u00A0: ${name}` });
const decision = (person, name) => card(person, name).locator('.decision');
const paneOf = (person, name) => person.page.locator('.pane li').filter({ hasText: name });
const clock = (person) => person.page.locator('.clock .time');

/** Waits until a thing on the page says this. */
const says = (place, words) => place.filter({ hasText: words }).first().waitFor();

/** Presses a button of the bar, or of somebody's card; the sentence that says what was done. */
async function control(person, name, said, whose) {
  await says(person.page.locator('.controls:not(:has([aria-disabled]))'), '');
  await (whose ? card(person, whose) : person.page.locator('.controls')).getByRole('button', { name, exact: true }).click();
  await says(person.page.locator('.told:not(:has(.doing)) li:first-child'), said);
}

test('each_control_of_the_clock_and_of_a_line_shows_what_it_did', async () => {
  const person = await wall.person();
  const moved = 'L’horloge de tous les appareils et du relais a avancé.';
  await control(person, 'Aller à 07:40', moved);
  await says(clock(person), '07:40');
  await says(decision(person, 'Léa Bernard'), 'En service');
  await says(decision(person, 'Amine Kaci'), 'Hors service, d’astreinte');
  await control(person, 'Aller à 08:00', moved);
  await says(clock(person), '08:00');
  await says(decision(person, 'Amine Kaci'), 'En service\u00A0: le relais délivre.');
  await says(paneOf(person, 'Paul Roux'), 'Hors service\u00A0: le relais retient tout');

  const [line, amine] = [card(person, 'Amine Kaci').locator('.soft').first(), 'Amine Kaci'];
  await control(person, 'Ralentir le réseau', /Amine Kaci a un réseau faible/, amine);
  await says(line, 'Réseau faible');
  await control(person, 'Rétablir le réseau', /Amine Kaci a de nouveau du réseau/, amine);
  await says(line, 'Réseau normal');
  await control(person, 'Couper le réseau', /Amine Kaci n’a plus de réseau/, amine);
  await says(line, 'Sans réseau');
  await control(person, 'Rétablir le réseau', /Amine Kaci a de nouveau du réseau/, amine);

  await control(person, 'Aller à 17:00', moved);
  await says(clock(person), '17:00');
  await says(paneOf(person, 'Amine Kaci'), 'Hors service, d’astreinte');
  await control(person, 'Une heure de plus', moved);
  await says(clock(person), '18:00');
  await control(person, 'Tempête à 21:00', /Léa a déclaré une urgence/);
  await says(clock(person), '21:00');
  await says(person.page.locator('.pane td'), 'urgence');
  await person.leave();
});

test('a_phone_that_is_lost_off_duty_is_cut_off_at_once_and_empties_itself_at_its_next_contact', async () => {
  const [person, paul] = [await wall.person(), 'Paul Roux'];
  await says(clock(person), '21:00');
  const begun = Date.now();
  await control(person, 'Déclarer perdu', /Paul Roux\)\u00A0: il est coupé du relais\u202F; il s’effacera à son prochain contact/, paul);
  assert.ok(Date.now() - begun < 10_000, 'nobody waits for an hour that nobody knows');
  const lost = 'Perdu\u00A0: le relais ne l’admet plus. Il s’effacera à son prochain contact.';
  await says(decision(person, paul), lost);
  await says(paneOf(person, paul), lost);
  assert.equal(await card(person, paul).getByRole('button', { name: 'Déclarer perdu' }).count(), 0);
  await person.check('a phone that is lost off duty');

  await control(person, 'Une heure de plus', /a avancé/);
  await says(decision(person, paul), 'et son contenu est effacé');
  await says(paneOf(person, paul), 'et son contenu est effacé');
  await phone(person, paul).getByText(/a été effacé/).first().waitFor();

  await control(person, 'Inscrire un nouveau téléphone', /Paul Roux a un nouveau téléphone.*approuvé.*Hors service, il viendra/);
  await says(decision(person, paul), 'Hors service');
  assert.equal(await person.page.locator('.phone').count(), 4, 'in the place of the lost one');
  await person.leave();
});

test('foreign_phones_are_refused_as_often_as_they_come', async () => {
  const person = await wall.person();
  for (const [name, said] of [
    ['Apporter un téléphone personnel', /Un Pixel 7a a présenté un vrai ticket\u00A0: refusé/],
    ['Apporter un téléphone débridé', /débridé a présenté un vrai ticket\u00A0: refusé/],
  ]) {
    for (const time of ['first', 'second']) {
      await control(person, 'Aller à 08:00', /a avancé/);
      await control(person, name, said);
      assert.equal(await person.page.locator('.told li.failed').count(), 0, `${name}, the ${time} time`);
    }
  }
  await person.leave();
});

test('whoever_presses_while_something_is_under_way_is_told_to_wait', async () => {
  const [person, other] = [await wall.person(), await wall.person()];
  await control(person, 'Aller à 08:00', /a avancé/);
  await person.click('button', 'Rejouer une heure chargée');
  await says(person.page.locator('.doing'), 'En cours\u00A0: «\u00A0Rejouer une heure chargée\u00A0». Les autres commandes attendent');
  const hour = person.find('button', 'Une heure de plus');
  assert.equal(await hour.getAttribute('aria-disabled'), 'true');
  await hour.press('Enter');
  await says(person.page.locator('#live'), 'Les autres commandes attendent');
  await says(other.page.locator('.doing'), 'Rejouer une heure chargée');
  await person.check('the wall while something is under way');
  await says(person.page.locator('.told:not(:has(.doing)) li:first-child'), /messages écrits/);
  await says(clock(person), '08:00');
  await other.leave();
  await person.leave();
});

test('a_phone_that_the_administrator_cuts_off_is_lost_on_the_wall_too', async () => {
  const person = await wall.person();
  const office = person.page.frameLocator('.office iframe');
  await office.getByRole('navigation').getByRole('link', { name: person.say('web-administration') }).click();
  await office.locator(`.doors a:has(:text-is("${person.say('web-devices')}"))`).click();
  await office.getByRole('searchbox').fill('Léa');
  await office.getByRole('searchbox').press('Enter');
  await office.locator('main a[href^="/admin/devices/"]').first().click();
  await office.getByRole('radio', { name: person.say('web-reason-lost') }).check();
  await office.getByRole('button', { name: person.say('web-cut-off-now') }).click();
  await says(decision(person, 'Léa Bernard'), 'Perdu\u00A0: le relais ne l’admet plus');
  await says(paneOf(person, 'Léa Bernard'), 'Perdu\u00A0: le relais ne l’admet plus');
  await control(person, 'Tempête à 21:00', /Cela n’a pas été fait\u00A0: Le téléphone de Léa Bernard a été perdu ou retiré/);
  await person.leave();
});

test('where_everybody_has_lost_a_phone_the_busy_hour_says_that_nobody_can_write', async () => {
  const person = await wall.person();
  for (const name of ['Amine Kaci', 'Chloé Martin']) {
    await control(person, 'Déclarer perdu', /il est coupé du relais|il est coupé/, name);
    await says(decision(person, name), 'Perdu');
  }
  await control(person, 'Rejouer une heure chargée', /Cela n’a pas été fait\u00A0: Aucun téléphone en service ne peut écrire/);
  assert.match(await person.page.locator('.told li').first().getAttribute('class'), /failed/);
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
  await person.click('button', 'Une heure de plus');
  await says(person.page.locator('.told li:first-child'), /a avancé/);
  await person.check('the wall on a phone, without scripts');
  await person.leave();
});

test('a_port_that_is_taken_is_said_with_what_to_do', async () => {
  const second = await Wall.begin('fr', ['--port', wall.port]);
  const { code, printed } = await second.ended();
  assert.equal(code, 1);
  assert.match(printed, new RegExp(`Le port ${wall.port} est déjà pris\\. Choisissez-en un autre`));
  await second.clear();
});

test('a_wall_that_is_ended_while_it_starts_or_with_its_terminal_leaves_nothing_behind', async () => {
  for (const [moment, signal] of [
    [/démarrent/, 'SIGTERM'],
    [/open\?token=/, 'SIGHUP'],
  ]) {
    const another = await Wall.begin();
    await another.says(moment);
    assert.equal(await another.stop(signal), 0, signal);
    assert.doesNotMatch((await another.ended()).printed, /panicked|Tokio/);
    assert.deepEqual(await another.leftovers(), [], signal);
    await another.clear();
  }
});

test('the_end_of_the_wall_is_said_on_its_page_and_leaves_nothing_behind', async () => {
  const person = await wall.person();
  assert.notDeepEqual(await wall.leftovers(), []);
  assert.equal(await wall.stop(), 0);
  assert.deepEqual(await wall.leftovers(), []);
  await person.sees('La démonstration est terminée.');
  assert.equal(await person.find('button', 'Une heure de plus').getAttribute('aria-disabled'), 'true');
  // Held to all but silence: the browser itself complains of each look that finds nobody.
  assert.deepEqual(await faultsOf(person.page), []);
  await person.leave();
});
