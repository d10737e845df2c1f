# Toutes les phrases des pages, en français. Brèves, chaleureuses, exactes : qui le verra, ce qui suit, ce qui peut être
# défait. Les boutons sont des verbes. Mêmes clés et mêmes variables que `text/en.ftl` ; un test les compare.

product = Freehold
skip-to-content = Aller au contenu

## Navigation
nav-main = Navigation principale
nav-home = Accueil
nav-groups = Groupes
nav-people = Annuaire
nav-me = Moi
nav-console = Console
nav-search = Chercher une personne

## Quelle entreprise
start-title = Pour quelle entreprise travaillez-vous ?
start-field = L’adresse de votre entreprise
start-hint = Un nom court, par exemple « acme ». Il figure sur votre courrier ; sinon, demandez à un collègue.
start-button = Aller à mon entreprise
start-unknown = Aucune entreprise n’a cette adresse ici. Vérifiez l’orthographe.

## Connexion
sign-in-title = Se connecter
sign-in-company = Se connecter avec le compte de l’entreprise
sign-in-with = Se connecter avec { $name }
sign-in-code-title = Ou avec un code d’accès
sign-in-code = Votre code d’accès
sign-in-code-hint = Les 16 lettres et chiffres de votre courrier. Majuscules ou minuscules, avec ou sans tirets.
sign-in-code-button = Se connecter avec ce code
sign-in-no-email = Aucune adresse e-mail ni aucun numéro de téléphone n’est nécessaire.
sign-in-closed-title = Pas encore d’accès
sign-in-closed-text = Votre entreprise n’a pas encore ouvert la connexion. Adressez-vous à votre service informatique.
signed-out-title = Déconnexion effectuée
signed-out-text = Vous êtes déconnecté de Freehold sur cet appareil. Votre compte d’entreprise y est encore connecté. Sur un appareil partagé, déconnectez-le aussi.
signed-out-at-idp = Déconnecter mon compte d’entreprise
signed-out-again = Se reconnecter
sign-in-refused = La connexion n’a pas abouti. Réessayez ou adressez-vous à votre service informatique.
code-refused = Ce code ne fonctionne pas. Il est peut-être mal saisi, déjà utilisé ou trop ancien. Vérifiez-le ou demandez-en un nouveau.
too-many-tries = Trop d’essais. Patientez un peu, puis réessayez.

## Fil
feed-title = Accueil
feed-empty-title = Rien pour l’instant
feed-empty-text = Ce que vos groupes publient apparaît ici, du plus récent au plus ancien. Rejoignez un groupe pour en voir plus.
feed-empty-button = Trouver des groupes
posts-older = Publications plus anciennes

## Écrire
compose-open = Partager quelque chose
compose-audience = Partagé avec
compose-text = Qu’aimeriez-vous dire ?
compose-share = Partager
compose-share-with = { $count ->
    [one] Partager avec { $count } personne
   *[other] Partager avec { $count } personnes
}
compose-refused-title = Pas encore partagé
compose-refused = Écrivez d’abord quelque chose, une dizaine de pages au plus.
comment-label = Écrire un commentaire
comment-answering = Répondre à { $name }
comment-send = Envoyer
comment-answer = Répondre
comment-answer-none = Commenter plutôt la publication
comment-refused-title = Pas encore envoyé
comment-refused = Écrivez d’abord quelque chose, deux pages au plus.

## Publications
post-title = Publication
post-more = Tout lire
post-comment = Commenter
post-audience = Visible par
comments-count = { $count ->
    [one] { $count } commentaire
   *[other] { $count } commentaires
}
comments-title = { $count ->
    [0] Commentaires
    [one] { $count } commentaire
   *[other] { $count } commentaires
}
comments-none = Personne n’a encore commenté.
comments-more = Plus de commentaires
comments-join = Seuls les membres du groupe commentent. Vous pouvez le rejoindre.
reaction-more = Réagir
reaction-like = J’aime
reaction-love = J’adore
reaction-celebrate = Bravo
reaction-laugh = Drôle
reaction-surprise = Surprise
reaction-support = Soutien

## Groupes
groups-title = Groupes
groups-mine = Vos groupes
groups-others = Autres groupes
groups-more = Plus de groupes
groups-none-title = Pas encore de groupe
groups-none-text = C’est dans les groupes que l’on publie. Votre entreprise vous ajoute aux premiers.
group-open = Ouvert : toute l’entreprise peut lire et rejoindre
group-closed = Fermé : seuls les membres peuvent lire
group-secret = Secret : seuls les membres en connaissent l’existence
group-closed-word = Fermé
group-secret-word = Secret
group-audience = { $count ->
    [one] { $name }, { $count } personne
   *[other] { $name }, { $count } personnes
}
group-join = Rejoindre
group-leave = Quitter
group-by-rule = L’annuaire de votre entreprise décide qui fait partie de ce groupe.
group-empty-title = Rien pour l’instant
group-empty-text = Soyez la première personne à partager quelque chose avec ce groupe.
group-shut-title = Réservé aux membres
group-shut-text = Demandez à une personne qui anime ce groupe de vous y ajouter.
members-count = { $count ->
    [one] { $count } membre
   *[other] { $count } membres
}
members-title = Membres de { $name }
members-back = Retour au groupe
members-administrator = Anime le groupe
members-by-hand = Hors de la règle du groupe
members-none-title = Pas encore de membre
members-none-text = Dès que quelqu’un rejoint le groupe, son nom apparaît ici.

## Personnes
people-title = Annuaire
people-search = Nom, fonction, site…
people-search-button = Chercher
people-found = Personnes trouvées
people-count = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
people-more = Plus de personnes
people-all = Afficher tout le monde
people-none-title = Personne ne correspond
people-none-text = Essayez une partie du nom, une fonction, un service ou un site.
person-unknown = Une personne partie
person-left = N’est plus là
person-administrator = Administration
person-about = À propos
person-department = Service
person-site = Site
person-number = Matricule
person-phone = Téléphone
person-email = E-mail
person-manager = Responsable
person-reports = { $count ->
    [one] Encadre { $count } personne
   *[other] Encadre { $count } personnes
}
person-groups = Dans l’annuaire de l’entreprise

## Moi
me-title = Moi
me-profile = Ce que les autres voient
me-from-directory = Votre nom et votre fonction viennent de l’annuaire de votre entreprise. Pour les changer, adressez-vous à votre service informatique.
me-console = Annuaires et synchronisations
me-language = Langue
me-language-now = Français
me-language-how = Ces pages suivent la langue de votre navigateur. Changez-la dans le navigateur, et elles suivront.
me-sessions = Où vous êtes connecté
me-sessions-more = Connexions plus anciennes
me-sign-out = Se déconnecter
session-by-code = Avec un code d’accès
session-by-connection = Avec { $name }
session-used = Dernière utilisation :
session-since = Connexion :
session-current = Celle-ci
session-end = Terminer

## Console
console-title = Annuaire de l’entreprise
runs-title = Synchronisations
runs-older = Synchronisations plus anciennes
runs-none-title = Pas encore de synchronisation
runs-none-text = La première fait entrer vos collègues. Lancez-la avec « freehold directory sync ».
run-directory = Annuaire
run-state = État
run-started = Début
run-duration = Durée
run-joined = Arrivées
run-changed = Modifiées
run-deactivated = Désactivées
run-returned = Retours
run-skipped = Ignorées
run-access = Fin d’accès
run-access-worst = { $milliseconds } ms
run-access-median = la moitié en { $milliseconds } ms
run-done = Terminée
run-running = En cours
run-failed = Échouée
run-held = Retenue
run-interrupted = Interrompue
run-unknown = Inconnu
directories-title = Annuaires
directories-none-title = Pas encore d’annuaire
directories-none-text = Nommez-en un dans le manifeste de votre entreprise, puis appliquez-le.
directory-name = Nom
directory-status = État
directory-in-step = À jour
directory-begins = Démarrage
directory-stale = En retard
directory-not-followed = Non suivi
directory-waits = Départs en attente
directory-last-in-step = À jour le
directory-retry = Nouvel essai le
directory-waits-text = Des personnes perdraient leur accès. Rien ne change pour elles avant une approbation avec freehold directory preview.
directory-kind = Type
directory-servers = Serveurs
directory-base = Base
directory-guard = Désactivations au plus par synchronisation
kind-active-directory = Active Directory
kind-openldap = OpenLDAP
kind-ldap = LDAP
kind-ldif = Fichier LDIF
kind-csv = Fichier CSV
kind-xlsx = Classeur Excel
kind-scim = SCIM 2.0, envoyé par un IdP
kind-unknown = Inconnu
figure = { $count }

## Ce qui n’a pas marché
error-reference = Référence : { $number }
error-home = Aller à l’accueil
error-start = Aller à la première page
error-not-found-title = Introuvable
error-not-found-text = La page a été supprimée, ou elle ne vous est pas destinée. Vérifiez l’adresse.
error-forbidden-title = Cela ne vous revient pas
error-forbidden-text = Votre rôle ne le permet pas. Une personne de l’administration peut vous aider.
error-invalid-title = Cela n’a pas fonctionné
error-invalid-text = Quelque chose ne va pas dans ce que vous avez envoyé. Revenez en arrière et vérifiez.
error-conflict-title = Impossible pour le moment
error-conflict-text = La situation a changé entre-temps. Revenez en arrière, rechargez la page et regardez.
error-by-rule-text = L’annuaire de votre entreprise décide qui fait partie de ce groupe : personne ne peut le quitter à la main.
error-exhausted-title = Trop à la fois
error-exhausted-text = Patientez un peu, puis réessayez.
error-unavailable-title = Injoignable pour l’instant
error-unavailable-text = Une partie du service ne répond pas. Rien n’est perdu ; réessayez dans une minute.
error-internal-title = Quelque chose n’a pas marché
error-internal-text = C’est notre faute, pas la vôtre. Donnez la référence ci-dessous à votre service informatique.
error-method-title = Ce chemin ne mène pas ici
error-method-text = Cette adresse n’accepte pas une telle demande.
error-too-large-title = Trop long
error-too-large-text = C’est plus que ce qui peut être envoyé en une fois. Revenez en arrière et raccourcissez.
error-elsewhere-title = Pas accepté de là
error-elsewhere-text = L’envoi vient d’une autre adresse que { $address }. Ouvrez cette adresse et réessayez.

## Temps
ago-now = à l’instant
ago-minutes = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
ago-hours = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
ago-yesterday = hier à { $time }
ago-days = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month } { $year }
date-and-time = { $date }, { $time }
duration-moment = moins d’une seconde
duration-seconds = { $count } s
duration-minutes = { $minutes } min { $seconds } s
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
