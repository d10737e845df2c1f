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
sign-in-passkey = Se connecter avec le verrouillage du téléphone
sign-in-passkey-hint = Empreinte, visage ou code : une clé d’accès. Ni nom ni mot de passe.
sign-in-password-title = Se connecter avec votre mot de passe
sign-in-name = Nom d’utilisateur ou matricule
sign-in-password = Mot de passe
sign-in-digits = Six chiffres
sign-in-digits-hint = Affichés par l’application d’authentification de votre téléphone.
sign-in-password-button = Se connecter
sign-in-code-title = Première visite, ou téléphone perdu ?
sign-in-code = Votre code d’accès
sign-in-code-hint = Les 16 lettres et chiffres de votre courrier. Majuscules ou minuscules, avec ou sans tirets.
sign-in-code-button = Continuer avec ce code
sign-in-no-email = Aucune adresse e-mail ni aucun numéro de téléphone n’est nécessaire.
shared-device-title = Appareil partagé
shared-device-text = Plusieurs personnes utilisent-elles ce navigateur, sur une borne ou une tablette d’équipe ? Alors une connexion se termine après dix minutes sans utilisation, après une heure au plus tard, et à la fermeture du navigateur.
shared-device-is = Actuellement, plusieurs personnes utilisent ce navigateur.
shared-device-is-not = Actuellement, ce navigateur est celui d’une seule personne.
shared-device-yes = Plusieurs personnes l’utilisent
shared-device-no = C’est celui d’une seule personne
shared-device-back = Retour à la connexion
shared-device-ask = Plusieurs personnes utilisent cet appareil ?
shared-device-on = Appareil partagé : une connexion se termine après dix minutes sans utilisation
sign-in-emergency = Compte de secours
sign-in-closed-title = Pas encore d’accès
sign-in-closed-text = Votre entreprise n’a pas encore ouvert la connexion. Adressez-vous à votre service informatique.
signed-out-title = Déconnexion effectuée
signed-out-text = Vous êtes déconnecté de Freehold sur cet appareil. Votre compte d’entreprise y est encore connecté. Sur un appareil partagé, déconnectez-le aussi.
signed-out-at-idp = Déconnecter mon compte d’entreprise
signed-out-again = Se reconnecter
sign-in-refused = La connexion n’a pas abouti. Réessayez ou adressez-vous à votre service informatique.
code-refused = Ce code ne fonctionne pas. Il est peut-être mal saisi, déjà utilisé ou trop ancien. Vérifiez-le ou demandez-en un nouveau.
password-refused = La connexion n’a pas abouti. Vérifiez le nom, le mot de passe et les chiffres ; les mêmes chiffres ne servent qu’une fois. Sinon, demandez un nouveau code d’accès.

## Claim
claim-title = Choisissez comment vous connecter
claim-lead = Un mot de passe que vous seul connaissez, et une application sur votre téléphone qui affiche de nouveaux chiffres toutes les trente secondes.
claim-passkey-title = Avec le verrouillage de ce téléphone
claim-passkey-text = Empreinte, visage ou code de ce téléphone : une clé d’accès. Elle reste sur votre téléphone, et personne ne peut la deviner ni la lire.
claim-passkey-button = Utiliser le verrouillage
claim-otherwise = Ou avec un mot de passe et une application
claim-password-title = Votre mot de passe
claim-password = Nouveau mot de passe
claim-password-hint = Au moins 12 caractères. Quatre ou cinq mots se retiennent facilement.
claim-password-again = Le même mot de passe encore une fois
claim-password-refused = Pas celui-ci. Prenez au moins 12 caractères : plus que des chiffres, plus qu’un mot de passe courant, plus que votre nom ou votre matricule.
claim-password-differs = Les deux mots de passe ne sont pas identiques.
claim-app-title = Votre application d’authentification
claim-app-text = Toute application à six chiffres convient, par exemple Aegis, FreeOTP, ou celles de Google et de Microsoft. Ouvrez-la d’ici si elle est sur ce téléphone, ou scannez l’image avec elle.
claim-app-open = Ouvrir mon application
claim-app-qr = Code QR pour l’application d’authentification
claim-app-secret = Ou saisissez cette clé dans l’application :
claim-digits = Les six chiffres affichés
claim-digits-refused = Ce ne sont pas les chiffres du moment. Attendez les suivants et vérifiez que l’heure du téléphone est juste.
claim-button = Terminer
claim-over = Cela a pris plus de quinze minutes, ou c’est déjà terminé. Recommencez avec votre code, ou connectez-vous.
welcome-title = C’est fait
welcome-text = La prochaine fois, connectez-vous avec ce nom, votre mot de passe et les six chiffres de votre application.
welcome-user-name = Nom d’utilisateur
welcome-employee-number = Matricule
welcome-email = Adresse e-mail
welcome-lost = Téléphone perdu ou mot de passe oublié ? Demandez un nouveau code d’accès. Il met fin à tout ce qui précède.
welcome-button = Aller chez { $company }
too-many-tries = Trop d’essais. Patientez un peu, puis réessayez.

## Letters
letters-title = Courriers avec codes d’accès
letters-text = Pour les personnes sans e-mail et sans compte de l’entreprise. Choisissez-les, imprimez les courriers, remettez-les.
letters-warning = Un nouveau code annule l’ancien de la même personne. Dès qu’il est utilisé, tout ce qu’elle avait avant prend fin.
letters-nobody = Choisissez au moins une personne.
letters-make = Créer codes et courriers
letters-make-file = Créer codes et fichier PDF
letters-made = { $count ->
    [one] { $count } courrier
   *[other] { $count } courriers
}
letters-once = Imprimez cette page maintenant : les codes ne s’affichent qu’une fois. Chacun ouvre l’accès à sa personne ; remettez les courriers vous-même.
letters-no-file = Un des noms a des lettres que le fichier PDF ne sait pas montrer. Imprimez plutôt cette page.
letters-back = Retour aux personnes
letter-for = Pour
letter-text = Vous pouvez désormais lire et écrire avec vos collègues de { $company } sur votre propre téléphone. Aucune adresse e-mail n’est nécessaire, et personne ne demande votre numéro.
letter-qr = Code QR qui ouvre la page avec votre code
letter-type = Scannez ceci avec l’appareil photo du téléphone, ou ouvrez cette adresse et saisissez le code :
letter-step-scan = Ouvrez la page et envoyez le code.
letter-step-choose = Choisissez comment vous connecter : avec le verrouillage du téléphone, ou avec un mot de passe et une application.
letter-step-next = Ensuite vous entrez ainsi. Le code a servi.
letter-secret = Le code vaut une clé. Ne le montrez à personne. S’il est perdu, demandez un nouveau courrier : il annule celui-ci.
letter-until = Valable jusqu’au
poster-show = Affiche pour la cantine
poster-file = Affiche en fichier PDF
poster-title = Affiche
poster-text = Imprimez-la et affichez-la. Elle ne contient ni code ni secret.
poster-headline = { $company } sur votre téléphone
poster-qr = Code QR de l’adresse de l’entreprise
poster-step-scan = Scannez ceci avec l’appareil photo du téléphone.
poster-step-code = Saisissez le code de votre courrier. Pas de courrier ? Demandez à votre responsable.
poster-step-choose = Choisissez comment vous connecter ensuite.
poster-no-email = Aucune adresse e-mail ni aucun numéro de téléphone n’est nécessaire.

## Passkeys
passkey-create-title = Verrouillage de ce téléphone
passkey-create-text = Votre navigateur demande maintenant votre empreinte, votre visage ou votre code.
passkey-get-title = Se connecter
passkey-get-text = Votre navigateur demande maintenant votre empreinte, votre visage ou votre code.
passkey-trouble = Cela n’a pas abouti, ou vous l’avez arrêté. Réessayez ou prenez un autre chemin.
passkey-again = Réessayer
passkey-no-script = Votre navigateur n’exécute pas de script ici, et il en faut un pour cela. Prenez l’autre chemin.
passkey-otherwise = Un autre chemin
passkey-refused = Cette clé d’accès n’a pas ouvert. Prenez un autre chemin ou demandez un nouveau code d’accès.
passkeys-title = Vos accès
passkeys-one = Clé d’accès depuis
passkeys-password = Mot de passe et application d’authentification
passkeys-text = Sur un autre téléphone ou ordinateur, ou sur une clé USB.
passkeys-add = Ajouter une clé d’accès
passkeys-remove = Supprimer

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
session-local = Sans le compte de l’entreprise
session-by-connection = Avec { $name }
session-used = Dernière utilisation :
session-since = Connexion :
session-current = Celle-ci
session-end = Terminer
session-shared = Appareil partagé
session-end-others = Terminer toutes les autres

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

## Audit log
audit-title = Journal d’audit
audit-text = Qui s’est connecté, qui a été refusé, et ce que les administrateurs et l’exploitant ont fait. Les lignes ne sont jamais changées ni effacées.
audit-back = Retour à l’annuaire
audit-events = Événements
audit-older = Événements plus anciens
audit-none-title = Rien pour l’instant
audit-none-text = Ce qui se passe désormais s’inscrit ici.
audit-number = Numéro
audit-time = Heure
audit-event = Événement
audit-person = Personne
audit-details = Détails
audit-by = Écrit par
audit-operator = l’exploitant
audit-signed-in = Connexion
audit-sign-in-refused = Connexion refusée
audit-throttled = Trop d’essais
audit-identity-linked = Relié au compte de l’entreprise
audit-connection-added = Liaison ajoutée
audit-connection-changed = Liaison changée
audit-connection-removed = Liaison supprimée
audit-connection-tried = Liaison essayée par un administrateur
audit-emergency-account-added = Compte de secours ajouté
audit-emergency-account-removed = Compte de secours retiré
audit-emergency-account-used = Compte de secours utilisé
audit-sign-in-policy-changed = Règle de connexion changée
audit-logout-token-taken = Déconnexion par le compte de l’entreprise
audit-logout-token-refused = Message de déconnexion refusé
audit-session-ended = Session terminée
audit-sessions-ended = Sessions terminées
audit-access-code-issued = Code d’accès créé
audit-access-code-issue-refused = Code d’accès refusé au demandeur
audit-access-code-voided = Code d’accès annulé
audit-access-code-redeemed = Code d’accès utilisé
audit-password-set = Mot de passe choisi
audit-password-removed = Mot de passe supprimé
audit-passkey-enrolled = Clé d’accès ajoutée
audit-passkey-removed = Clé d’accès supprimée
audit-role-granted = Rôle attribué
audit-role-revoked = Rôle retiré
audit-role-change-refused = Changement de rôle refusé
audit-role-groups-changed = Rôles par groupe d’annuaire modifiés
audit-manifest-applied = Manifeste appliqué
audit-operator-entered = Entrée de l’exploitant
audit-sync-approved = Synchronisation approuvée
audit-sync-undone = Synchronisation annulée
audit-provisioning-token-issued = Jeton d’approvisionnement créé
audit-provisioning-token-revoked = Jeton d’approvisionnement révoqué
audit-client-registered = Client enregistré
audit-client-removed = Client supprimé
audit-client-refused = Client refusé
audit-connector-approved = Connecteur approuvé
audit-connector-removed = Connecteur supprimé

emergency-used = Le compte de secours { $name } a été utilisé. Si ce n’était aucun de vous, mettez fin à ses sessions par un nouveau code d’accès.
emergency-see = Voir le journal d’audit
letters-emergency = Comptes de secours
letters-emergency-hint = Pour le jour où le compte de l’entreprise ne fonctionne pas. Toute utilisation est signalée à tous les administrateurs.
