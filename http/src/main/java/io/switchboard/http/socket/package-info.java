/**
 * The URL of a channel as a WebSocket: messages come and go as they are. It must not know how the URL answers
 * requests, nor the shared line.
 */
@NullMarked
package io.switchboard.http.socket;

import org.jspecify.annotations.NullMarked;
