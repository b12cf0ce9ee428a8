/**
 * The shared line: one connection over many channels, as an event stream.
 * It must not know how a channel's own URL answers.
 */
@NullMarked
package io.switchboard.http.live;

import org.jspecify.annotations.NullMarked;
