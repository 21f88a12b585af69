/** What these tests lean on is free to use with this project, and the lock file names no place to fetch it from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('every_library_of_the_lock_file_has_a_licence_of_the_projects_list_and_no_address', () => {
  const list = /\[licenses\][^]*?allow = \[([^]*?)\n\]/.exec(read('../../../deny.toml'))[1];
  const allowed = [...list.matchAll(/^ *"([^"]+)"/gm)].map(([, licence]) => licence);
  const { '': own, ...libraries } = JSON.parse(read('../package-lock.json')).packages;
  assert.equal(own.license, 'EUPL-1.2');
  assert.ok(Object.keys(libraries).length >= 3);
  for (const [name, { license, resolved, integrity }] of Object.entries(libraries)) {
    assert.ok(allowed.includes(license), `${name}: ${license}`);
    assert.deepEqual([name, resolved], [name, undefined]);
    assert.match(integrity, /^sha512-/, name);
  }
});
