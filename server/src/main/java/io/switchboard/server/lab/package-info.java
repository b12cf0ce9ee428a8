/**
 * The process behind the page at {@code /}: started when somebody wishes for something, told what, listened to, and ended with
 * the server or when nobody looks. It must not know who may wish, nor what the process does.
 */
@NullMarked
package io.switchboard.server.lab;

import org.jspecify.annotations.NullMarked;
