/**
 * What the page at {@code /} asks of the server beside channels: viewers, and a network between it and them, that a process of
 * their own plays. It checks who may wish for what, and must not know how a process is started or what it does.
 */
@NullMarked
package io.switchboard.http.lab;

import org.jspecify.annotations.NullMarked;
