/**
 * The contract that every store passes, and a model of a store that is too simple to be wrong.
 * It must not know any particular store.
 */
@NullMarked
package io.switchboard.testkit.store;

import org.jspecify.annotations.NullMarked;
