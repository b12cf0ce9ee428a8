// What the tests of several nodes share: reading as bytes come, appending until it is certain, commands of this machine.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

export { pause }
export const JSON_TYPE = { 'Content-Type': 'application/json' }
const WAIT_MILLIS_MAX = 30_000
const PATH = `${process.env.PATH}:/usr/sbin:/sbin` // where only root looks for programs

/** Waits until `what` is true, at most `millisMax`; resolves with how long that took, in ms. */
export async function until(what, millisMax = WAIT_MILLIS_MAX) {
  const begun = Date.now()
  while (!(await what())) {
    assert.ok(Date.now() < begun + millisMax, `did not come within ${millisMax} ms: ${what}`)
    await pause(10)
  }
  return Date.now() - begun
}

/** Runs a program of this machine; throws if it fails or is not there. */
export const run = (program, ...words) => execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, PATH } })

export function has(program, ...words) {
  try {
    run(program, ...words)
    return true
  } catch {
    return false
  }
}

/** An event stream of a channel from its beginning, on one connection: `data` is what came, `ended` whether it is over. */
export async function follow(t, url, channel) {
  const aborted = new AbortController()
  const headers = { Accept: 'text/event-stream' }
  const response = await fetch(`${url}/v1/stream/${channel}?offset=-1`, { headers, signal: aborted.signal })
  assert.equal(response.status, 200)
  const reader = { data: [], ended: false }
  const read = async () => {
    let left = ''
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (left + piece).split('\n')
      left = lines.pop()
      for (const line of lines) if (line.startsWith('data:')) reader.data.push(JSON.parse(line.slice(5)))
    }
  }
  read().then(
    () => (reader.ended = true),
    () => (reader.ended = true),
  )
  t.after(() => aborted.abort())
  return reader
}

export const create = (url, channel) => fetch(`${url}/v1/stream/${channel}`, { method: 'PUT', headers: JSON_TYPE })

/** One POST; resolves with its status, Retry-After and how long it took, in ms. */
export async function append(url, channel, message, headers = {}) {
  const begun = Date.now()
  const options = { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(message) }
  const response = await fetch(`${url}/v1/stream/${channel}`, options)
  await response.arrayBuffer()
  return { status: response.status, retryAfter: response.headers.get('Retry-After'), millis: Date.now() - begun }
}

/** The fields of an idempotent append. */
export const producer = (id, seq) => ({ 'Producer-Id': id, 'Producer-Epoch': '0', 'Producer-Seq': String(seq) })

/** Appends as its producer's number `seq`, again and again until it is certain that it is there. */
export async function appendForCertain(url, channel, message, id, seq) {
  await until(async () => {
    const answer = await append(url, channel, message, producer(id, seq)).catch((error) => ({ status: 0, error }))
    assert.ok(answer.status < 400 || answer.status >= 500, `${url} answered ${answer.status}`)
    return answer.status >= 200 && answer.status < 300
  })
}
