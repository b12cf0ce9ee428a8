/**
 * How nodes that share a store hear of each other. It must not know what a store is made of, nor who reads.
 */
@NullMarked
package io.switchboard.core.relay;

import org.jspecify.annotations.NullMarked;
