/**
 * What the server counts about itself, for whoever wants to see it. It must not know how figures are shown, and it
 * decides nothing.
 */
@NullMarked
package io.switchboard.core.figures;

import org.jspecify.annotations.NullMarked;
