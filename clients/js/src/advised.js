// What the server advises the readers of a channel to read it by (spec/protocol.md, section 2.8), for who wants to follow it.
import { baseOf } from './client.js'
import { Http } from './http.js'
import { RUNGS } from './ladder.js'
import { Tokens } from './tokens.js'

const ANSWER_MILLIS_MAX = 5_000
const NONE = 'the server gives no advice'

/**
 * Never rejects but for a URL that is none: without advice all transports may be used.
 *
 * @param {string} url @param {string} channel @param {import('../advised.d.ts').AskOptions} [options]
 * @returns {Promise<import('../advised.d.ts').Advised>}
 */
export async function advised(url, channel, { fetch = (...how) => globalThis.fetch(...how), signal, ...identity } = {}) {
  const http = new Http(baseOf(url), fetch, new Tokens(identity, () => {}))
  let advice
  try {
    const path = `/v1/advice?channel=${encodeURIComponent(channel)}`
    const { text } = await http.ask(path, { signal, millisMax: ANSWER_MILLIS_MAX })
    advice = JSON.parse(text).advice
  } catch {
    // No server, no right, or none of ours.
  }
  const { transport, confidence, sentence } = advice ?? {}
  const rung = confidence === 'low' ? -1 : RUNGS.indexOf(transport === 'poll' ? 'polling' : transport)
  return { transports: RUNGS.slice(Math.max(rung, 0)), sentence: typeof sentence === 'string' ? sentence : NONE }
}
