/**
 * What a server shows in a browser, as files on the class path. It must not know what serves them, nor ask a
 * server for anything but what the protocol gives everybody.
 */
@NullMarked
package io.switchboard.web;

import org.jspecify.annotations.NullMarked;
