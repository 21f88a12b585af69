/** Pictures of pages, for people to look at. They lie outside the tree. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where they lie. */
export const folder = process.env.ESTAFETTE_PICTURES ?? new URL('../../../target/pictures', import.meta.url).pathname;

/** Keeps a picture of the whole page; where. */
export async function keepPicture(page, name) {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name.replaceAll(/[^\w-]+/g, '_')}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
