/**
 * What nodes have in common, in memory, and the contracts that it keeps as the real one does. It must not know what is laid
 * down or revoked.
 */
@NullMarked
package io.switchboard.testkit.nodes;

import org.jspecify.annotations.NullMarked;
