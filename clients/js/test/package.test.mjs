// What the package is: its types, its size, what it needs, and its examples.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import * as client from 'switchboard-client'
import * as tabs from 'switchboard-client/tabs'
import * as whole from 'switchboard-client/whole'
import { randomOf } from './chaos.mjs'
import { Checker, CLEAN } from './checker.mjs'
import { create, post, serve } from './support.mjs'

const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const run = promisify(execFile)
const CORE_BYTES_MAX = 6 * 1_024 - 1
const TABS_BYTES_MAX = 7.75 * 1_024
const WHOLE_BYTES_MAX = 12.4 * 1_024

const tsc = (project) => run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { cwd: home })

test('the types say what an application may do', () => tsc('tsconfig.json'))

test('the sources use no name that nobody defines, and define none that nobody uses', async () => {
  const said = await tsc('tsconfig.sources.json').then(() => '', ({ stdout }) => stdout)
  assert.deepEqual(said.split('\n').filter((line) => /TS2304|TS2552|TS2307|TS6133|TS1\d{3}/.test(line)), [])
})

test('what the types export is there', () => {
  for (const entry of [client, tabs, whole]) assert.deepEqual(Object.keys(entry).sort(), ['SwitchboardError', 'connect'])
})

test('it needs nothing but itself', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'))
  assert.equal(dependencies, undefined)
  for (const name of readdirSync(path.join(home, 'src'))) {
    const text = readFileSync(path.join(home, 'src', name), 'utf8')
    const imports = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(([, what]) => what)
    assert.deepEqual(imports.filter((what) => !/^\.\.?\//.test(what)), [], name)
  }
})

/** What a page loads before the entry runs: it, and what it imports, each as a file of its own; and what is loaded later. */
async function load(entry, splitting) {
  const entryPoints = [path.join(home, `src/${entry}.js`)]
  const options = { bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, metafile: true, splitting, outdir: home }
  const { outputFiles, metafile } = await build({ entryPoints, absWorkingDir: home, ...options })
  const sizes = new Map(outputFiles.map((file) => [path.relative(home, file.path), gzipSync(file.contents, { level: 9 }).length]))
  const first = new Set([`${entry}.js`])
  for (const name of first) {
    for (const { path: other, kind } of metafile.outputs[name].imports) if (kind === 'import-statement') first.add(other)
  }
  const sum = (names) => names.reduce((total, name) => total + sizes.get(name), 0)
  return { first: sum([...first]), later: sum([...sizes.keys()].filter((name) => !first.has(name))) }
}

for (const [entry, max] of [['index', CORE_BYTES_MAX], ['tabs', TABS_BYTES_MAX], ['whole', WHOLE_BYTES_MAX]]) {
  test(`${entry} is small`, async (t) => {
    const { first, later } = await load(entry, entry !== 'whole')
    t.diagnostic(`${entry}: ${first} bytes, minified and gzipped, and ${later} later`)
    assert.ok(first <= max, `${first} bytes are more than ${max}`)
    assert.equal(later > 0, entry !== 'whole')
  })
}

test('the example for Node.js prints what comes', async (t) => {
  const { url } = await serve(t)
  await create(url, 'news')
  await post(url, 'news', '["first"]')
  const child = spawn(process.execPath, [path.join(home, 'examples/listen.mjs'), url, 'news'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  assert.equal((await lines.next()).value, 'first')
  await post(url, 'news', '["second"]')
  assert.equal((await lines.next()).value, 'second')
  child.kill()
  await once(child, 'exit')
})

for (const page of ['README.md', '../../docs/clients-js.md']) {
  test(`the first example of ${page} shows what it publishes`, async (t) => {
    const { url } = await serve(t)
    await create(url, 'chat/room-1')
    const [, example] = /^```js\n(.*?)^```$/ms.exec(readFileSync(path.join(home, page), 'utf8'))
    const program = example.replace('https://live.example.com', url)
    assert.notEqual(program, example)
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    assert.equal((await lines.next()).value, "{ text: 'hello' }")
    child.kill()
    await once(child, 'exit')
  })
}

test('a program that has published and closes its client ends', async (t) => {
  const { url } = await serve(t)
  await create(url, 'news')
  const program = `import { connect } from 'switchboard-client'
    const client = connect('${url}')
    await client.channel('news').publish(1)
    client.close()`
  await run(process.execPath, ['--input-type=module', '-e', program], { cwd: home, timeout: 60_000 })
})

test('the checker of these tests finds what it is to find', () => {
  const verdictOf = (...received) => {
    const checker = new Checker()
    for (const n of [0, 1, 2]) checker.published('p', n)
    checker.unknown('p', 3)
    received.forEach((n, i) => checker.message({ p: 'p', n }, { offset: String(i) }))
    return checker.verdict()
  }
  assert.deepEqual(verdictOf(0, 1, 2), CLEAN)
  assert.deepEqual(verdictOf(0, 1, 2, 3), CLEAN)
  assert.equal(verdictOf(0, 2).lost, 1)
  assert.equal(verdictOf(0, 1, 1, 2).duplicated, 1)
  assert.equal(verdictOf(0, 2, 1).reordered, 1)
  assert.equal(verdictOf(0, 1, 2, 9).invented, 1)
})

test('chance is the same for the same seed', () => {
  const some = (seed) => Array.from({ length: 5 }, randomOf(seed))
  assert.deepEqual(some(1), some(1))
  assert.notDeepEqual(some(1), some(2))
})
