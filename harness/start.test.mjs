// That a start is as short as it can be: what the JVM loads comes from the cache that ./switchboard made. No clock here.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { home, startServer } from './server.mjs'

// Made at run time, as their names say, or by the JVM for itself.
const MADE_AT_RUN_TIME = /\$\$Lambda|LambdaForm|\$Proxy|^java\.lang\.invoke\.|^jdk\.(internal\.event|jfr)\.|Event$|\/0x/
// Of thousands; so many may be met in another order than in training.
const OTHERS_MAX = 40

const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-start-'))
const data = path.join(folder, 'data')
let server
let loaded

before(async () => {
  const log = path.join(folder, 'classes')
  process.env.SWITCHBOARD_JAVA_OPTIONS = `-Xlog:class+load:file=${log}`
  server = await startServer({ data, log: 'start-server' })
  delete process.env.SWITCHBOARD_JAVA_OPTIONS
  loaded = classes(log)
})

after(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What was loaded, and whether from a cache. */
function classes(log) {
  return [...readFileSync(log, 'utf8').matchAll(/(\S+) source: (.*)$/gm)].map(([, name, source]) => ({
    name,
    cached: source.startsWith('shared objects file'),
  }))
}

test('classes of a server that starts come from the cache', () => {
  const cached = loaded.filter((each) => each.cached)
  assert.ok(cached.length > 2_000, `${cached.length} of ${loaded.length} classes came from the cache`)
  const others = loaded.filter((each) => !each.cached && !MADE_AT_RUN_TIME.test(each.name)).map((each) => each.name)
  assert.ok(others.length <= OTHERS_MAX, `not from the cache: ${others.join(' ')}`)
})

test('a plain serve does without picocli, which no cache takes', () => {
  assert.deepEqual(loaded.filter((each) => each.name.startsWith('picocli.')), [])
})

test('the native library of the store is unpacked once for all data folders', () => {
  assert.ok(existsSync(path.join(home, 'cli/target/libraries/native')))
  assert.ok(!existsSync(path.join(data, 'native')))
})

test('commands that talk to a server have a cache of their own', () => {
  const log = path.join(folder, 'client-classes')
  const env = { ...process.env, SWITCHBOARD_JAVA_OPTIONS: `-Xlog:class+load:file=${log}` }
  execFileSync(path.join(home, 'switchboard'), ['publish', 'start/test', '--create', '--server', server.url], {
    env,
    input: '{"a":1}\n',
  })
  const client = classes(log).filter((each) => each.name.startsWith('jdk.internal.net.http.'))
  const cached = client.filter((each) => each.cached)
  assert.ok(cached.length * 2 > client.length, `${cached.length} of ${client.length} classes came from the cache`)
})
