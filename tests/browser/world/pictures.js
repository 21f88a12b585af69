/** Pictures of pages, for people to look at. They lie outside the tree. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOf, notWorn, wear } from './appearance.js';

/** Where they lie. */
export const folder = process.env.ESTAFETTE_PICTURES ?? new URL('../../../target/pictures', import.meta.url).pathname;

/** Keeps a picture of a whole page, named after the screen and its appearance. */
export async function keepPicture(page, screen, settings) {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${screen}-${nameOf(settings)}.png`);
  const window = page.viewportSize();
  await wear(page, settings);
  // The window grows to the page, since a picture beyond the window is taken without the person's settings; and
  // again where the page grows with its window.
  for (let height = 0, wanted = window.height; height < wanted; ) {
    height = wanted;
    await page.setViewportSize({ width: window.width, height });
    await wear(page, settings);
    wanted = await page.evaluate(() => document.documentElement.scrollHeight);
  }
  assert.deepEqual(await notWorn(page, settings), [], path);
  await page.screenshot({ path });
  await page.setViewportSize(window);
}
