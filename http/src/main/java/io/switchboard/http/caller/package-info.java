/**
 * Who is at the other end of a connection: its address and whether it came encrypted, by its own word or by that of
 * proxies that are trusted. It knows neither connections nor what is asked on them.
 */
@NullMarked
package io.switchboard.http.caller;

import org.jspecify.annotations.NullMarked;
