// What messages are, by the content type of their channel.
import { SwitchboardError } from './errors.js'

const PIECE = 0x8000 // so many arguments any engine takes
const utf8 = new TextEncoder()

/** The bytes of a binary message, as JSON carries them. */
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))

function base64Of(bytes) {
  let text = ''
  for (let i = 0; i < bytes.length; i += PIECE) text += String.fromCharCode(...bytes.subarray(i, i + PIECE))
  return btoa(text)
}

/**
 * How messages go to a channel of this type: each encoded, counted in bytes, and all of an append as members of an
 * action or as a body. Only of JSON can an append have several.
 */
export function contentOf(type) {
  const kind = /^application\/json\b/.test(type) ? json : /^text\//.test(type) ? text : binary
  return { type, joins: kind === json, ...kind }
}

const json = {
  encode(message) {
    const encoded = JSON.stringify(message)
    if (encoded === undefined) throw new SwitchboardError('invalid', 'this is no JSON')
    return encoded
  },
  bytes: (message) => utf8.encode(message).length,
  members: (messages) => `"batch":[${messages}]`,
  body: (messages) => `[${messages}]`,
}

const text = {
  encode: String,
  bytes: json.bytes,
  members: (messages) => `"data":${JSON.stringify(messages[0])}`,
  body: (messages) => messages[0],
}

const binary = {
  encode(message) {
    if (message instanceof Uint8Array) return message
    throw new SwitchboardError('invalid', 'a binary channel takes a Uint8Array')
  },
  bytes: (message) => message.length,
  members: (messages) => `"base64":"${base64Of(messages[0])}"`,
  body: (messages) => messages[0],
}
