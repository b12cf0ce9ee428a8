/**
 * What tests of every room share: time that moves only when told to.
 * It must not know transports, and nothing outside tests may depend on it.
 */
@NullMarked
package io.switchboard.testkit;

import org.jspecify.annotations.NullMarked;
