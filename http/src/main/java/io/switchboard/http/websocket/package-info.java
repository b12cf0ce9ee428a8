/**
 * WebSocket as the RFCs have it: the handshake (6455, section 4), frames (section 5), close codes (section 7)
 * and compression (7692), as values and pure functions. It must not know connections, channels or URLs.
 */
@NullMarked
package io.switchboard.http.websocket;

import org.jspecify.annotations.NullMarked;
