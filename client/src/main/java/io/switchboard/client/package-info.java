/**
 * Reads and writes channels of a Switchboard server from a Java application: each message once, in order, over whatever
 * transport gets through. It must not know any code of the server, nor anything that is not in the JDK, from 17 on.
 */
@NullMarked
package io.switchboard.client;

import org.jspecify.annotations.NullMarked;
