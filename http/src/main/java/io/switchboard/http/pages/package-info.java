/**
 * The pages a server shows, sent as files. It must not know what is in them, nor of any channel.
 */
@NullMarked
package io.switchboard.http.pages;

import org.jspecify.annotations.NullMarked;
