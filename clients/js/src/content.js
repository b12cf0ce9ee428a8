// What messages are, by the content type of their channel.
import { SwitchboardError } from './errors.js'
import { isJson } from './client.js'

const PIECE = 0x8000 // so many arguments any engine takes
const utf8 = new TextEncoder()

function base64Of(bytes) {
  let text = ''
  for (let i = 0; i < bytes.length; i += PIECE) text += String.fromCharCode(...bytes.subarray(i, i + PIECE))
  return btoa(text)
}

/**
 * How messages go to a channel of this type: each checked, counted in bytes, and all of an append as members of an
 * action or as a body. Only of JSON can an append have several; what is JSON comes here as its text.
 */
export function contentOf(type) {
  const kind = isJson(type) ? json : /^text\//.test(type) ? text : binary
  return { type, joins: kind === json, ...kind }
}

const json = {
  check(message) {
    if (message === undefined) throw new SwitchboardError('invalid', 'this is no JSON')
    return message
  },
  bytes: (message) => utf8.encode(message).length,
  members: (messages) => `"batch":[${messages}]`,
  body: (messages) => `[${messages}]`,
}

const text = {
  check: String,
  bytes: json.bytes,
  members: (messages) => `"data":${JSON.stringify(messages[0])}`,
  body: (messages) => messages[0],
}

const binary = {
  check(message) {
    if (message instanceof Uint8Array) return message
    throw new SwitchboardError('invalid', 'a binary channel takes a Uint8Array')
  },
  bytes: (message) => message.length,
  members: (messages) => `"base64":"${base64Of(messages[0])}"`,
  body: (messages) => messages[0],
}
