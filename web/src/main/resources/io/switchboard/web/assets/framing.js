// What HTTP puts around content on its way down, by the version that carried it and as this server writes it.
//
// It stands at the end of index.html too; change both together.
const TABLE_BYTES = 4_096
const ENTRY_BYTES = 32 // beside name and value (RFC 7541, section 4.1)
const HUFFMAN = 0.65 // bytes of a character, about, in what heads say

// Of the names that both HPACK and QPACK know by number, those that this server's answers have, and of QPACK's fields.
const NAMES = new Set('access-control-allow-origin cache-control content-length content-type date etag retry-after vary'.split(' '))
const FIELDS = new Set(['access-control-allow-origin: *', 'cache-control: no-cache', 'content-type: application/json', 'x-content-type-options: nosniff'])

/** The version that this page came over, as browsers name it: h2, h3, or another for HTTP/1.1. */
export const pageVersion = () => performance.getEntriesByType('navigation')[0]?.nextHopProtocol ?? ''

/**
 * Around a part of an answer whose end is open: a chunk of HTTP/1.1, which is its size in hexadecimal and two line ends, or the
 * head of a DATA frame.
 */
export function partBytes(length, version) {
  if (version === 'h2') return 9
  if (version === 'h3') return length < 64 ? 2 : 3
  return length.toString(16).length + 4
}

/** The heads of the answers to a page's requests, in the order in which they came. */
export class Heads {
  #table = [] // of HPACK: fields as both ends have them, the newest first
  #tableBytes = 0

  /** With what stands in front of the content. */
  bytes({ status, statusText, fields }, version) {
    if (version === 'h2') return 10 + (status === 204 ? 0 : 9) + sum(fields, (field) => this.#numbered(...field)) // a status is a byte, a frame's head 9
    if (version === 'h3') return 9 + sum(fields, shortened)
    return 'HTTP/1.1 200 \r\n\r\n'.length + statusText.length + sum(fields, ([name, value]) => name.length + ': \r\n'.length + value.length)
  }

  // A field of the table is a byte; another one is written, its name too if that is not known, and takes the place of the oldest.
  #numbered(name, value) {
    if (this.#table.some((field) => field.name === name && field.value === value)) return 1
    const known = NAMES.has(name) || this.#table.some((field) => field.name === name)
    this.#table.unshift({ name, value })
    this.#tableBytes += ENTRY_BYTES + name.length + value.length
    while (this.#tableBytes > TABLE_BYTES) {
      const oldest = this.#table.pop()
      this.#tableBytes -= ENTRY_BYTES + oldest.name.length + oldest.value.length
    }
    return value.length + (known ? 2 : name.length + 3)
  }
}

// QPACK without a table: each field is written anew.
function shortened([name, value]) {
  if (FIELDS.has(`${name}: ${value}`)) return 2
  return Math.round(HUFFMAN * (value.length + (NAMES.has(name) ? 0 : name.length))) + 3
}

const sum = (all, bytes) => all.reduce((total, each) => total + bytes(each), 0)
