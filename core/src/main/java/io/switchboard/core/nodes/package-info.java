/**
 * Which servers share one store, who of them lives, and what they tell each other beside the calls of channels. It must
 * not know what a store is made of, nor what is told.
 */
@NullMarked
package io.switchboard.core.nodes;

import org.jspecify.annotations.NullMarked;
