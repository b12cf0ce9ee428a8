/**
 * Who asks, and may they: credentials of requests, tickets, cookies, sessions, and which web pages may use the server.
 * It must not know how channels are read or written, nor what a token looks like inside.
 */
@NullMarked
package io.switchboard.http.access;

import org.jspecify.annotations.NullMarked;
