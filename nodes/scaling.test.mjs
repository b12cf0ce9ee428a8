// docs/scaling.md has the tables that the model makes of what was measured.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { home } from '../harness/server.mjs'
import { has, run } from './support.mjs'

test('docs/scaling.md has the tables of the model', { skip: has('python3', '--version') ? false : 'there is no python3' }, () => {
  assert.equal(run(path.join(home, 'benchmarks', 'nodes', 'model'), '--check'), '')
})
