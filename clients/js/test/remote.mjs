// Clients elsewhere, used as if they were here: in another Node.js, in a JVM, in a page. What goes to and fro stands in
// probe.mjs.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { home } from '../../../harness/server.mjs'

const classes = ['classes', 'test-classes'].map((name) => path.join(home, 'client', 'target', name))
const PROBE = 'io.switchboard.client.Probe'
const EXIT_MILLIS_MAX = 5_000

/** Why there are no Java clients here; undefined if there are. */
export function missingJava() {
  const probe = path.join(classes[1], ...PROBE.split('.')) + '.class'
  return existsSync(probe) ? undefined : `the Java client and its tests are not compiled: ${path.relative(home, probe)} is not there`
}

/** What connects clients that a probe has. */
class Remote {
  #send
  #clients = new Map()
  #waiting = new Map() // number of a publication: how to settle it
  #count = 0
  #errors = []

  /** @param {(command: object) => void} send to the probe */
  constructor(send) {
    this.#send = send
  }

  /** What should not be, of all clients. */
  get errors() {
    return this.#errors
  }

  /** As `connect` of the client, as far as tests of delivery need it. */
  connect = (url, { onState, ...options }) => {
    const id = String(this.#count++)
    const send = (task, how) => this.#send({ do: task, id, ...how })
    const client = {
      state: { state: 'connecting', why: '' },
      onState,
      readers: new Map(), // by channel
      channel: (channel) => ({
        subscribe: (reader) => {
          client.readers.set(channel, reader)
          send('subscribe', { channel, from: reader.from })
        },
        publish: (data) =>
          new Promise((resolve, reject) => {
            const number = this.#count++
            this.#waiting.set(number, { resolve, reject })
            send('publish', { channel, number, data })
          }),
      }),
      close: () => send('close'),
    }
    this.#clients.set(id, client)
    send('connect', { url, ...options })
    return client
  }

  /** Takes what the probe told. */
  take = ({ id, ...told }) => {
    const client = this.#clients.get(id)
    const { channel, offset, data, gap, end, state, stored, failed, code, error } = told
    const reader = client.readers.get(channel)
    if (state !== undefined) {
      client.state = told
      client.onState?.(told)
    } else if (offset !== undefined) reader.onMessage(data, { offset })
    else if (gap !== undefined) reader.onGap?.({ to: gap })
    else if (end !== undefined) reader.onEnd?.(end)
    else if (stored !== undefined) this.#settle(stored).resolve()
    else if (failed !== undefined) this.#settle(failed).reject(Object.assign(new Error(code), { code }))
    else this.#errors.push(error)
  }

  #settle(number) {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    return waiting
  }

  /** The probe is no more. */
  lost(why) {
    for (const { reject } of this.#waiting.values()) reject(Object.assign(new Error(why), { code: 'lost' }))
    this.#waiting.clear()
    this.#errors.push(why)
  }
}

function startProcess(name, program, options, environment = {}) {
  const logs = path.join(home, 'target', 'test')
  mkdirSync(logs, { recursive: true })
  const child = spawn(program, options, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stderr.pipe(createWriteStream(path.join(logs, `probe-${name}.log`), { flags: 'a' }))
  child.stdin.on('error', () => {}) // its end is told below
  const remote = new Remote((command) => child.stdin.write(JSON.stringify(command) + '\n'))
  createInterface({ input: child.stdout }).on('line', (line) => remote.take(JSON.parse(line)))
  let stopped = false
  const exited = once(child, 'exit').then(([code]) => stopped || remote.lost(`the probe ended with ${code}`))
  return {
    connect: remote.connect,
    errors: remote.errors,
    async stop() {
      stopped = true
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), EXIT_MILLIS_MAX)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Clients of JavaScript in another Node.js, which trusts the certificate in the file `ca` as well. */
export function startNode({ ca } = {}) {
  const probe = path.join(path.dirname(fileURLToPath(import.meta.url)), 'probe-node.mjs')
  return startProcess('node', process.execPath, [probe], ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca })
}

/** Clients of Java; they take `ca` with `connect`. */
export function startJava() {
  const jdk = execFileSync('bash', ['-c', '. harness/jdk.sh && find_jdk'], { cwd: home, encoding: 'utf8' }).trim()
  const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m', '-cp', classes.join(path.delimiter), PROBE]
  return startProcess('java', path.join(jdk, 'bin', 'java'), options)
}

/** Clients in a page of the browser; `module` is the URL of the package there. */
export async function startPage(page, module) {
  const remote = new Remote((command) => page.evaluate((command) => window.obey(command), command).catch((error) => remote.lost(String(error))))
  await page.exposeFunction('tell', (told) => remote.take(told))
  page.on('pageerror', (error) => remote.lost(String(error)))
  await page.evaluate(async (module) => {
    const [{ connect }, { probe }] = await Promise.all([import(`${module}/src/index.js`), import(`${module}/test/probe.mjs`)])
    window.obey = probe(connect, window.tell)
  }, module)
  return { connect: remote.connect, errors: remote.errors }
}
